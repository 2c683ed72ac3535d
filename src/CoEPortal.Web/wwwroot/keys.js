// Keyboard shortcuts. An element says which keys press it: data-key="a", "g h" (one after the other), "ctrl+enter", "?".
// They rest while somebody types, behind a dialog, and when switched off on this device. A key after which people write,
// data-writes="where", takes them there at once: the words that follow must not be read as further keys, or the c of
// "no contract" would turn a veto into an approval.
(() => {
  const off = () => localStorage.getItem('keys') === 'off';
  const isField = e => e?.matches?.('input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable=true]');
  const usable = e => !e.disabled && e.getClientRects().length > 0;
  let first = '';
  let forget = 0;
  let awaited = 0;

  const press = chord => {
    const dialogs = document.querySelectorAll('.rz-dialog');
    const scope = dialogs.length ? dialogs[dialogs.length - 1] : document;
    const target = [...scope.querySelectorAll('[data-key]')].find(e => e.dataset.key === chord && (usable(e) || e.closest('.rz-sidebar')));
    if (!target) return false;
    target.click();
    if ('writes' in target.dataset) {
      const place = target.dataset.writes && document.querySelector(target.dataset.writes);
      if (place) place.focus();
      else awaited = performance.now() + 5000;
    }
    return true;
  };

  document.addEventListener('keydown', e => {
    if (e.isComposing || e.altKey || e.metaKey || off()) return;
    const key = e.key.toLowerCase();
    if (e.ctrlKey) {
      if (press('ctrl+' + key)) e.preventDefault();
      return;
    }
    if (isField(e.target)) return;
    if (performance.now() < awaited && key !== 'escape') {
      if (key.length === 1) e.preventDefault();
      return;
    }
    if (key.length > 1 && key !== 'escape') return;
    const chord = first ? first + ' ' + key : key;
    clearTimeout(forget);
    first = '';
    if (press(chord)) e.preventDefault();
    else if (key === 'g') { first = 'g'; forget = setTimeout(() => first = '', 1200); }
  });

  document.addEventListener('focusin', e => { if (isField(e.target)) awaited = 0; });

  // The switch in the help dialog. It is drawn by the server, so its state is put in when it appears.
  new MutationObserver(() => {
    const box = document.querySelector('[data-action=keys]:not([data-known])');
    if (box) { box.dataset.known = ''; box.checked = !off(); }
  }).observe(document.body, { childList: true, subtree: true });
  document.addEventListener('change', e => {
    if (e.target.dataset?.action === 'keys') localStorage.setItem('keys', e.target.checked ? 'on' : 'off');
  });
})();
