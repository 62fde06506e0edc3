/** What user code returns that is done with when it returns, or when its promise settles, whatever that resolves with. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that says nothing about what it returns is as good.
export type Settles = void | PromiseLike<unknown>;
