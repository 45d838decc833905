/** Of the names of all metrics that are the controller's own. */
export const PREFIX = 'sealed_secrets_controller_';
