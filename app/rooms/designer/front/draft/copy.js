// The copy this browser keeps of what has not reached the server, whichever page it was changed on: written at once, removed
// file by file as it is saved.
const key = (draft) => `chengpi:draft:${draft}`;

export function keep(draft, revision, files) {
  try {
    const before = kept(draft)?.files ?? {};
    localStorage.setItem(key(draft), JSON.stringify({ revision, files: { ...before, ...files }, at: Date.now() }));
  } catch {
    // no room, or not allowed: the server's copy is the one that counts
  }
}

/** `{revision, files, at}` of what was not saved, or null. */
export function kept(draft) {
  try {
    const found = JSON.parse(localStorage.getItem(key(draft)) ?? "null");
    return found && typeof found.files === "object" ? found : null;
  } catch {
    return null;
  }
}

/** Forget the files of these `names`. */
export function drop(draft, names) {
  try {
    const found = kept(draft);
    const files = Object.fromEntries(Object.entries(found?.files ?? {}).filter(([name]) => !names.includes(name)));
    if (Object.keys(files).length) localStorage.setItem(key(draft), JSON.stringify({ ...found, files }));
    else localStorage.removeItem(key(draft));
  } catch {
    // nothing was kept either
  }
}
