//! The fake Slack is as strict as the real one.
