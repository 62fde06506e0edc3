import { f64, processor } from 'millrace';

export default processor({ output: f64, process: (sequence) => sequence * 2 });
