/** A promise as others make it: nothing but a `then`. */
export const thenable = (then) => Object.fromEntries([['then', then]]);

/** Each settles once in the eyes of `await`. */
export const thenables = [
  // Whose `then` returns nothing.
  () => thenable((resolve) => void setImmediate(resolve)),
  // That calls back before `then` returns.
  () => thenable((resolve) => resolve()),
  // That calls back twice, and then the other way, and throws.
  () =>
    thenable((resolve, reject) => {
      resolve();
      resolve();
      reject(new Error('too late'));
      throw new Error('too late');
    }),
];
