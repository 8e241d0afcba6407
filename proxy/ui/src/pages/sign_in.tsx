import { useEffect, useState, type FormEvent } from 'react';
import { ApiError } from '../base/api';
import { useSessionControl } from '../base/session';
import { languages, makeWords, useLanguage } from '../base/text';
import { Button } from '../parts/button';
import { Dialog } from '../parts/dialog';
import { TextField } from '../parts/field';
import { useErrorText } from '../parts/states';
import iconUrl from '../icon.svg';

const useText = makeWords({
  en: {
    title: 'Sign in to Sluice',
    token: 'Access token',
    hint: 'A personal access token of this gateway. At the first start the gateway prints one for the administrator.',
    signIn: 'Sign in',
    expired: 'Your session has ended. Sign in again.',
    unknown: 'The gateway does not know this token, or it has expired.',
    missing: 'Enter a token.',
    again: 'Your session has ended',
    againText: 'What you typed is still here. Sign in as {user} to go on; for anybody else it is thrown away.',
    giveUp: 'Throw it away',
    language: 'Language',
    en: 'English',
    ko: '한국어',
  },
  ko: {
    title: 'Sluice 로그인',
    token: '액세스 토큰',
    hint: '이 게이트웨이의 개인용 액세스 토큰입니다. 게이트웨이는 처음 시작할 때 관리자용 토큰을 출력합니다.',
    signIn: '로그인',
    expired: '세션이 종료되었습니다. 다시 로그인하세요.',
    unknown: '알 수 없거나 만료된 토큰입니다.',
    missing: '토큰을 입력하세요.',
    again: '세션이 종료되었습니다',
    againText: '입력한 내용은 그대로 남아 있습니다. 계속하려면 {user}(으)로 다시 로그인하세요. 다른 사용자로 로그인하면 사라집니다.',
    giveUp: '입력한 내용 버리기',
    language: '언어',
    en: 'English',
    ko: '한국어',
  },
});

/** The field for a token, and what is done with it. */
function useEntry() {
  const t = useText();
  const errorText = useErrorText();
  const { signIn } = useSessionControl();
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const enter = async () => {
    const trimmed = token.trim();
    if (!trimmed) return setError(t('missing'));
    setBusy(true);
    setError('');
    try {
      await signIn(trimmed);
    } catch (cause) {
      setError(cause instanceof ApiError && cause.status === 401 ? t('unknown') : errorText(cause));
      setBusy(false);
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void enter();
  };
  const field = (
    <TextField
      label={t('token')}
      hint={t('hint')}
      error={error || undefined}
      type="password"
      name="token"
      autoComplete="current-password"
      autoFocus
      value={token}
      onChange={(event) => setToken(event.target.value)}
    />
  );
  return { field, busy, onSubmit };
}

export function SignIn({ expired }: { expired: boolean }) {
  const t = useText();
  const { field, busy, onSubmit } = useEntry();
  const { language, choose } = useLanguage();
  useEffect(() => {
    document.title = `${t('signIn')} · Sluice`;
  }, [t]);
  return (
    <main className="sign-in">
      <form className="card" onSubmit={onSubmit}>
        <img src={iconUrl} alt="" width="40" height="40" />
        <h1>{t('title')}</h1>
        {expired && <p role="status">{t('expired')}</p>}
        {field}
        <Button type="submit" look="primary" busy={busy}>
          {t('signIn')}
        </Button>
        <div className="languages" role="group" aria-label={t('language')}>
          {languages.map((each) => (
            <Button key={each} look="quiet" lang={each} aria-pressed={each === language} onClick={() => choose(each)}>
              {t(each)}
            </Button>
          ))}
        </div>
      </form>
    </main>
  );
}

/** Over a page on which something was typed. The page is out of sight, in case somebody else comes. */
export function SignInAgain({ user }: { user: string }) {
  const t = useText();
  const { giveUp } = useSessionControl();
  return (
    <Dialog title={t('again')} open onClose={() => {}} asks={false} lasting>
      <AgainForm user={user} onGiveUp={giveUp} />
    </Dialog>
  );
}

function AgainForm({ user, onGiveUp }: { user: string; onGiveUp: () => void }) {
  const t = useText();
  const { field, busy, onSubmit } = useEntry();
  return (
    <form onSubmit={onSubmit}>
      <p role="status">{t('againText', { user })}</p>
      {field}
      <div className="dialog-foot">
        <Button onClick={onGiveUp}>{t('giveUp')}</Button>
        <Button type="submit" look="primary" busy={busy}>
          {t('signIn')}
        </Button>
      </div>
    </form>
  );
}
