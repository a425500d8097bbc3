// Applies the chosen theme before anything is drawn. "system" follows the operating system.
(() => {
  const themes = ["system", "light", "dark"];
  const stored = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const apply = (theme) => { document.documentElement.dataset.theme = theme; };
  const current = () => (themes.includes(stored()) ? stored() : "system");
  apply(current());
  window.stewardTheme = {
    current,
    next() {
      const theme = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
      try { localStorage.setItem("theme", theme); } catch { /* a private window forgets it */ }
      apply(theme);
      return theme;
    },
  };
})();
