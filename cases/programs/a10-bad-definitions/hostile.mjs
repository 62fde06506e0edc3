/** What nobody can look at. */
export const hostile = () => {
  const trap = () => {
    throw new Error('a trap');
  };
  return new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap });
};

export class Getter extends Error {
  get message() {
    throw new Error('a getter');
  }
}
