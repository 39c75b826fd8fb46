import { supabase } from '#recipes/supabase';
import { dataOf } from './answer';
import { storyOf } from './story';

export const story = storyOf({
  async read(id, signal) {
    const answer = await supabase.from('notes').select('*').eq('id', id).abortSignal(signal).throwOnError();
    return dataOf(answer)[0].text;
  },
  async write(text) {
    const answer = await supabase.from('notes').insert({ text }).select().throwOnError();
    return dataOf<{ hash: string }[]>(answer)[0]!.hash;
  },
});
