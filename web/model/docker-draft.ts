import { DOCKER_HUB, dockerConfigJson } from '../../shared/input/docker-config.ts';
import { FORM_FIELDS, newDraft, type Drafts } from './draft.ts';
import { errorAt } from './messages.ts';
import type { DockerInput, Message } from './types.ts';

/** Returns the Secret of a login to a container registry. */
export function dockerDraft({ name, server, username, password, email }: DockerInput): Drafts {
  const messages: Message[] = [];
  if (username === '') messages.push(errorAt({ name: 'docker-username' }, 'the user name is empty'));
  if (password === '') messages.push(errorAt({ name: 'docker-password' }, 'the password is empty'));
  const login = { server: server || DOCKER_HUB, username, password, email: email || undefined };
  const data = new Map([['.dockerconfigjson', dockerConfigJson(login)]]);
  return {
    drafts: [newDraft(name, 'kubernetes.io/dockerconfigjson', data)],
    messages,
    fields: FORM_FIELDS,
  };
}
