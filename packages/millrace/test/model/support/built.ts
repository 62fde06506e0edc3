/** Built modules, as a mutant names them. */
export const rings = (file: string) => `native-free-rings/dist/${file}.js`;
export const flow = (file: string) => `millrace/dist/${file}.js`;
