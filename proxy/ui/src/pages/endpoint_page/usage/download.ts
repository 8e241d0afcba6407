// CSV files: of the page's own tables, and of the requests as the gateway writes them.
import { errorOf, query, send } from '../../../base/api';
import { joinCsvPages, type Times } from './usage';

const rowsOfPage = 10_000;
const mostPages = 20;

export function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** All requests of the endpoint in these times. `cut`: there are more than one file should hold. */
export async function requestsCsv(
  endpoint: string,
  { startMs, endMs }: Times,
  requester: string,
): Promise<{ text: string; cut: boolean }> {
  const pages: string[] = [];
  let token = '';
  do {
    const values = {
      endpoint_name: endpoint,
      requester,
      start_time: startMs,
      end_time: endMs,
      max_results: rowsOfPage,
      format: 'csv',
      page_token: token,
    };
    const answer = await send('GET', '/api/2.0/sluice/usage' + query(values), { headers: { accept: 'text/csv' } });
    if (!answer.ok) throw await errorOf(answer);
    pages.push(await answer.text());
    token = answer.headers.get('x-next-page-token') ?? '';
  } while (token && pages.length < mostPages);
  return { text: joinCsvPages(pages), cut: token !== '' };
}
