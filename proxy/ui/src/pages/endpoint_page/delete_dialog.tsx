import { useQueryClient } from '@tanstack/react-query';
import { call } from '../../base/api';
import { endpointsFeed } from '../../base/live';
import { makeWords } from '../../base/text';
import { ConfirmDialog } from '../../parts/dialog';
import { useToast } from '../../parts/toast';
import { endpointKey, endpointPath } from './paths';

const useText = makeWords({
  en: {
    title: 'Delete endpoint',
    action: 'Delete endpoint',
    explain: 'Queries to it will fail at once. Its configuration, history and permissions are lost. This cannot be undone.',
    done: 'Endpoint {name} was deleted.',
  },
  ko: {
    title: '엔드포인트 삭제',
    action: '엔드포인트 삭제',
    explain: '이 엔드포인트에 대한 쿼리가 즉시 실패합니다. 구성, 기록 및 권한이 모두 삭제되며 되돌릴 수 없습니다.',
    done: '엔드포인트 {name}을(를) 삭제했습니다.',
  },
});

interface Props {
  name: string;
  open: boolean;
  onClose: () => void;
  onDeleted?: () => void;
}

export function DeleteEndpoint({ name, open, onClose, onDeleted }: Props) {
  const t = useText();
  const say = useToast();
  const queries = useQueryClient();
  const remove = async () => {
    await call('DELETE', endpointPath(name));
    say(t('done', { name }));
    endpointsFeed.refresh();
    onDeleted?.();
    queries.removeQueries({ queryKey: endpointKey(name) });
  };
  return (
    <ConfirmDialog title={t('title')} open={open} onClose={onClose} action={t('action')} onConfirm={remove} name={name}>
      <p>
        <bdi>{name}</bdi>
      </p>
      <p>{t('explain')}</p>
    </ConfirmDialog>
  );
}
