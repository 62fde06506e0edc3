export { default } from './modules.mjs';

await new Promise(() => {});
