// Keyboard shortcuts. An element says which keys press it: data-key="a", "g h" (one after the other), "ctrl+enter", "?".
// They rest while somebody types, behind a dialog, and when switched off on this device.
(() => {
  const off = () => localStorage.getItem('keys') === 'off';
  const isField = e => e?.matches?.('input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable=true]');
  const usable = e => !e.disabled && e.getClientRects().length > 0;
  let first = '';
  let forget = 0;

  const press = chord => {
    const dialogs = document.querySelectorAll('.rz-dialog');
    const scope = dialogs.length ? dialogs[dialogs.length - 1] : document;
    const target = [...scope.querySelectorAll('[data-key]')].find(e => e.dataset.key === chord && (usable(e) || e.closest('.rz-sidebar')));
    if (target) target.click();
    return !!target;
  };

  document.addEventListener('keydown', e => {
    if (e.isComposing || e.altKey || e.metaKey || off()) return;
    const key = e.key.toLowerCase();
    if (e.ctrlKey) {
      if (press('ctrl+' + key)) e.preventDefault();
      return;
    }
    if (isField(e.target) || key.length > 1 && key !== 'escape') return;
    const chord = first ? first + ' ' + key : key;
    clearTimeout(forget);
    first = '';
    if (press(chord)) e.preventDefault();
    else if (key === 'g') { first = 'g'; forget = setTimeout(() => first = '', 1200); }
  });

  // The switch in the help dialog. It is drawn by the server, so its state is put in when it appears.
  new MutationObserver(() => {
    const box = document.querySelector('[data-action=keys]:not([data-known])');
    if (box) { box.dataset.known = ''; box.checked = !off(); }
  }).observe(document.body, { childList: true, subtree: true });
  document.addEventListener('change', e => {
    if (e.target.dataset?.action === 'keys') localStorage.setItem('keys', e.target.checked ? 'on' : 'off');
  });
})();
