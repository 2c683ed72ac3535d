// What only the browser knows or can do: the theme and the time zone of this viewer, told to the server by cookies,
// and the clipboard. In the head and not deferred, so that the first picture already has the right theme.
(() => {
  const root = document.documentElement;
  const read = name => document.cookie.split('; ').find(c => c.startsWith(name + '='))?.slice(name.length + 1);
  const write = (name, value) => {
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  };

  // The new sheet is loaded beside the old one, which goes only then: otherwise the page stands bare for a moment.
  const show = theme => {
    root.dataset.theme = theme;
    for (const old of document.querySelectorAll('link[rel=stylesheet][href*="/css/standard"]')) {
      const href = old.getAttribute('href').replace(/standard(-dark)?-(base|wcag)/, theme === 'dark' ? 'standard-dark-$2' : 'standard-$2');
      if (href === old.getAttribute('href')) continue;
      const fresh = old.cloneNode();
      fresh.href = href;
      fresh.onload = () => old.remove();
      old.after(fresh);
    }
  };

  if (!read('theme')) {
    const theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    write('theme', theme);
    show(theme);
  }
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && read('zone') !== zone) write('zone', zone);

  const copy = async button => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.getAttribute('aria-label');
    button.classList.add('copied');
    button.setAttribute('aria-label', 'Copied');
    setTimeout(() => { button.classList.remove('copied'); button.setAttribute('aria-label', label); }, 1500);
  };

  document.addEventListener('click', e => {
    const target = e.target.closest?.('[data-action], [data-copy]');
    if (!target) return;
    if (target.dataset.copy) copy(target);
    switch (target.dataset.action) {
      case 'print': print(); break;
      case 'theme': {
        const theme = root.dataset.theme === 'dark' ? 'light' : 'dark';
        write('theme', theme);
        show(theme);
        break;
      }
      // Blazor scrolls to a fragment but leaves the focus where it was.
      case 'skip': setTimeout(() => document.getElementById('content')?.focus()); break;
      case 'reload': location.reload(); break;
      case 'close': window.close(); break;
      case 'reconnect': Blazor.reconnect().then(alive => alive || location.reload()); break;
    }
  });
})();
