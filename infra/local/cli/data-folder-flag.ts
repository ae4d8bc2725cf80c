import { latestDataFolder, requireFolder } from '../data-folder/running-instance.ts';

const DATA_ROOT = '.data';

/**
 * The data folder of a command that looks at a run: `--data`, else `DATA_DIR`, else the one below `.data` that was
 * used last. Fails with `DATA_FOLDER_MISSING`.
 */
export async function dataFolder(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const given = flag || environment.DATA_DIR;
  const dir = given || (await latestDataFolder(DATA_ROOT));
  await requireFolder(dir);
  return dir;
}
