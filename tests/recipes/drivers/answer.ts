/** Returns the data of an answer that carries either data or an error; throws the error. */
export function dataOf<T>({ data, error }: { data?: T | null | undefined; error?: unknown }): T {
  if (data === undefined || data === null) throw error ?? new Error('neither data nor an error');
  return data;
}
