// What a visit holds before it is sent, kept in the browser: fields and photos, by person and supply.
//   drafts {key, values, savedAt, sending}, photos {id, draft, name, blob, order, pk}
"use strict";

const visitStore = (() => {
  const KEPT_DAYS = 30;
  let opened = null;

  const finished = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  const database = () => {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("visits", 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("drafts", { keyPath: "key" });
        request.result.createObjectStore("photos", { keyPath: "id" }).createIndex("draft", "draft");
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return opened;
  };

  const store = async (name, mode) => (await database()).transaction(name, mode).objectStore(name);

  const draft = async (key) => finished((await store("drafts", "readonly")).get(key));
  const saveDraft = async (row) => finished((await store("drafts", "readwrite")).put(row));
  const savePhoto = async (row) => finished((await store("photos", "readwrite")).put(row));
  const removePhoto = async (id) => finished((await store("photos", "readwrite")).delete(id));
  const photos = async (key) => {
    const rows = await finished((await store("photos", "readonly")).index("draft").getAll(key));
    return rows.sort((one, other) => one.order - other.order);
  };

  const clear = async (key) => {
    for (const row of await photos(key)) await removePhoto(row.id);
    await finished((await store("drafts", "readwrite")).delete(key));
  };

  // What nobody has come back to for a month, whoever wrote it.
  const clearOld = async () => {
    const before = Date.now() - KEPT_DAYS * 24 * 3600 * 1000;
    for (const row of await finished((await store("drafts", "readonly")).getAll())) {
      if (row.savedAt < before) await clear(row.key);
    }
  };

  return { draft, saveDraft, savePhoto, removePhoto, photos, clear, clearOld };
})();
