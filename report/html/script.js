// Filters the findings. The page is whole without it: the form is hidden until
// this runs.
(() => {
  const form = document.querySelector("form.filter");
  if (!form) return;
  const files = [...document.querySelectorAll("details.file")].map(el => ({
    el, folder: el.closest(".folder"),
    words: el.querySelector("summary").textContent + " " + (el.querySelector(".fullpath")?.textContent ?? ""),
    items: [...el.querySelectorAll("[data-rule]")].map(x => ({el: x, words: null})),
  }));
  for (const f of files) f.words = f.words.toLowerCase();
  const selects = [...form.querySelectorAll("select")];
  const input = form.elements.words, output = form.querySelector("output");

  const apply = () => {
    const want = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = selects.filter(s => s.value);
    const active = want.length + chosen.length > 0;
    let shown = 0, all = 0;
    const folders = new Map();
    for (const f of files) {
      let here = 0;
      for (const i of f.items) {
        i.words ??= i.el.textContent.toLowerCase();
        const ok = chosen.every(s => i.el.dataset[s.name] === s.value) &&
          want.every(w => f.words.includes(w) || i.words.includes(w));
        i.el.hidden = !ok;
        all++;
        if (ok) here++;
      }
      shown += here;
      f.el.hidden = active && !here;
      folders.set(f.folder, folders.get(f.folder) || !f.el.hidden);
    }
    for (const [el, some] of folders) el.hidden = !some;
    output.textContent = active ? `${shown} of ${all} shown` : "";
  };
  let timer;
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 120); });
  form.addEventListener("change", apply);
  form.addEventListener("submit", e => { e.preventDefault(); apply(); });
  form.addEventListener("click", e => {
    const open = e.target.dataset.open;
    if (open) for (const f of files) if (!f.el.hidden) f.el.open = open === "all";
  });
  // A link to a closed file opens it.
  const reveal = () => {
    const el = document.getElementById(location.hash.slice(1));
    const file = el && el.closest("details.file");
    if (file) { file.open = true; el.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();
  form.hidden = false;
})();
