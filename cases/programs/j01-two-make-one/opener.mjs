import { openEventJournal } from '@millrace/journal';
import { i32 } from 'millrace';

const [dir, name] = process.argv.slice(2);
console.log('ready');
await new Promise((resolve) => process.stdin.once('data', resolve));
try {
  const journal = await openEventJournal({ dir, codec: i32 });
  console.log(await journal.append(Number(name)));
  await new Promise((resolve) => process.stdin.once('end', resolve).resume());
  await journal.close();
} catch (error) {
  console.log(error.code ?? error.message);
  process.exit();
}
