//! The `steward` program.

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

/// What is freed is wiped: buffers of foreign crates hold copies of what was sent and read, keys among it.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> std::process::ExitCode {
    steward::cli::main()
}
