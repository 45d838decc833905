/** The prefix of the names of the controller's own metrics. */
export const PREFIX = 'sealed_secrets_controller_';
