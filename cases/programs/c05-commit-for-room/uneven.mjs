import { bytes, processor, u32 } from 'millrace';

/** Items of many sizes, up to half of the lane: some do not fit although less than half of it is read. */
export default processor({
  input: u32,
  output: bytes(),
  process(_event, output) {
    for (let i = 0, random = 12_345; i < 40; i++) {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      output.emit(new Uint8Array((random >>> 8) % 480));
    }
  },
});
