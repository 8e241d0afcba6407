import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { App } from './app';
import { ApiError } from './base/api';
import { useShownPath, useShownSearch } from './base/location';
import { SessionProvider } from './base/session';
import { LanguageProvider } from './base/text';
import { applyTheme } from './base/theme';
import { ToastProvider } from './parts/toast';
import './style.css';

applyTheme();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      // What the gateway refuses stays refused.
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});

createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <LanguageProvider>
        <ToastProvider>
          <SessionProvider>
            <Router hook={useShownPath} searchHook={useShownSearch}>
              <App />
            </Router>
          </SessionProvider>
        </ToastProvider>
      </LanguageProvider>
    </QueryClientProvider>
  </StrictMode>,
);
