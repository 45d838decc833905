import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * Who may import whom, as the relative paths that a room must not import from. `cli` and `controller` stand on `shared`
 * and never on each other; a room of `controller` or `shared` imports only from the rooms that its pattern names;
 * nothing that ships imports a test. `^node:` marks rooms that a browser loads too. A later room's pattern replaces an earlier one's.
 */
const ROOMS = [
  { files: 'cli/**/*.ts', forbidden: String.raw`^(\.\.\/)+(controller|library|test)\/` },
  { files: 'controller/*.ts', forbidden: String.raw`^(\.\.\/)+(cli|library|test)\/` },
  controllerRoom('log', []),
  controllerRoom('workqueue', []),
  controllerRoom('workers', ['workqueue']),
  controllerRoom('informer', ['workqueue', 'log']),
  controllerRoom('leaderelection', ['log', 'aborted.ts', 'connection.ts', 'runnables.ts']),
  controllerRoom('keys', ['informer', 'workqueue', 'log']),
  controllerRoom('metrics', ['keys', 'informer', 'workqueue']),
  controllerRoom('status', ['metrics', 'workqueue', 'log']),
  controllerRoom('reconciler', ['status', 'metrics', 'keys', 'workqueue', 'log']),
  controllerRoom('server', [
    'reconciler',
    'keys',
    'workers',
    'workqueue',
    'log',
    'flag-values.ts',
    'options.ts',
  ]),
  { files: 'shared/**/*.ts', forbidden: String.raw`^(\.\.\/)+(cli|controller|library|test)\/` },
  { files: 'shared/{bytes,clock,go-values,replace-file,text}.ts', forbidden: String.raw`^\.` },
  { files: 'shared/errors.ts', forbidden: String.raw`^\.(?!\/text\.ts$)` },
  { files: 'shared/file-errors.ts', forbidden: String.raw`^\.(?!\/errors\.ts$)` },
  { files: 'shared/x509/*.ts', forbidden: String.raw`^\.\.\/(?!bytes\.ts$)` },
  { files: 'shared/web-page/*.ts', forbidden: String.raw`^\.\.\/` },
  { files: 'shared/api/*.ts', forbidden: String.raw`^node:|^\.\.\/(?!(bytes|errors)\.ts$)` },
  { files: 'shared/crypto/*.ts', forbidden: String.raw`^\.\.\/(?!(bytes|errors)\.ts$|x509\/)` },
  { files: 'shared/crypto/web/*.ts', forbidden: String.raw`^node:|^\.\.\/\.\.\/(?!bytes\.ts$|x509\/)` },
  { files: 'shared/template/*.ts', forbidden: String.raw`^\.\.\/` },
  { files: 'shared/template/*/*.ts', forbidden: String.raw`^\.\.\/\.\.\/(?!x509\/)` },
  { files: 'shared/manifest/*.ts', forbidden: String.raw`^node:|^\.\.\/(?!(bytes|errors)\.ts$|api\/)` },
  {
    files: 'shared/seal/*.ts',
    forbidden: String.raw`^\.\.\/(?!(bytes|errors|text)\.ts$|api\/|crypto\/|template\/)`,
  },
  {
    files: 'shared/input/*.ts',
    forbidden: String.raw`^node:|^\.\.\/(?!(bytes|errors|text)\.ts$|api\/|crypto\/|manifest\/|seal\/)`,
  },
  { files: 'shared/inspect/*.ts', forbidden: String.raw`^node:|^\.\.\/(?!api\/|crypto\/|seal\/)` },
  {
    files: 'shared/key-record/*.ts',
    forbidden: String.raw`^\.\.\/(?!(errors|file-errors|clock)\.ts$|api\/|crypto\/)`,
  },
  { files: 'shared/kubernetes/errors.ts', forbidden: String.raw`^\.(?!\.\/(errors|text)\.ts$)` },
  {
    files: 'shared/kubernetes/http/*.ts',
    forbidden: String.raw`^\.\.\/(?!errors\.ts$|\.\.\/(errors|file-errors|clock)\.ts$)`,
  },
  {
    files: 'shared/kubernetes/auth/kubeconfig/*.ts',
    forbidden: String.raw`^\.\.\/(?!\.\.\/errors\.ts$|\.\.\/http\/file-problem\.ts$|\.\.\/\.\.\/((errors|file-errors|go-values)\.ts$|api\/|manifest\/read\.ts$))`,
  },
  {
    files: 'shared/kubernetes/auth/*.ts',
    forbidden: String.raw`^\.\.\/(?!errors\.ts$|http\/|\.\.\/((bytes|errors|file-errors|replace-file|clock)\.ts$|api\/|manifest\/(read|splice|yaml-nodes)\.ts$))`,
  },
  {
    files: 'shared/kubernetes/api/*.ts',
    forbidden: String.raw`^\.\.\/(?!errors\.ts$|http\/|\.\.\/((errors|file-errors|clock|text)\.ts$|api\/))`,
  },
  { files: 'library/*.ts', forbidden: String.raw`^node:|^\.\.\/(?!shared\/)` },
  { files: 'web/**/*.ts', forbidden: String.raw`^(\.\.\/)+(cli|controller|library|test)\/` },
  { files: 'web/model/*.ts', forbidden: String.raw`^(\.\.\/)+(cli|controller|test|view)\/` },
  { files: 'web/view/page-certificates.ts', forbidden: String.raw`^\.\.\/(?!model\/)` },
];

/** A folder of the controller, and what of the controller it may import besides its own files. */
function controllerRoom(name, imports) {
  const allowed = [
    '\\.\\.\\/shared\\/',
    ...imports.map((each) => (each.includes('.') ? `${each}$` : `${each}\\/`)),
  ];
  return { files: `controller/${name}/*.ts`, forbidden: `^\\.\\.\\/(?!${allowed.join('|')})` };
}

/** The rooms that may open or take connections, and the files that may ask the machine for the time. */
const CONNECTED =
  /^(shared\/kubernetes\/(http|auth)|controller\/server)\/\*|^web\/view\/page-certificates\.ts$/;
const TIMELY = ['shared/clock.ts', 'shared/template/environment.ts', 'controller/{sigusr1,process}.ts'];

const SOCKETS = ['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'node:dgram'].map(
  (name) => ({
    name,
    allowTypeImports: true,
    message: 'Only shared/kubernetes opens connections, and only controller/server accepts them.',
  }),
);

const RAW_RSA = {
  name: 'node:crypto',
  importNames: ['privateDecrypt'],
  message: 'Open envelopes with openEnvelope: OAEP is unpadded by OpenSSL alone.',
};

const TIME = {
  selector:
    "CallExpression[callee.name=/^set(Timeout|Interval)$/], CallExpression[callee.object.name=/^(Date|performance)$/][callee.property.name='now'], NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'Take time from a Clock: timers beyond 2^31-1 ms fire at once, and tests bring their own.',
};

/** The rules of one room. Options of a rule do not add up over configurations, so each room gets them whole. */
function roomRules({ files, forbidden }) {
  const message = 'This room must not import that one: see ROOMS in eslint.config.js.';
  const paths = [...(CONNECTED.test(files) ? [] : SOCKETS), RAW_RSA];
  const dynamic = { selector: `ImportExpression[source.value=/${forbidden}/]`, message };
  return {
    files: [files],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths, patterns: [{ regex: forbidden, message }] },
      ],
      'no-restricted-syntax': ['error', TIME, dynamic],
      ...(CONNECTED.test(files) ? { 'no-restricted-globals': 'off' } : {}),
    },
  };
}

export default tseslint.config(
  // A test compiles the examples of the library against the packed package.
  { ignores: ['dist*/', 'node_modules/', 'examples/library/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // An empty name, path or variable counts as none here, which `??` would let pass.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      eqeqeq: 'error',
      // More arguments are passed by name, in an options object.
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      'no-restricted-properties': [
        'error',
        // Manger's attack on OAEP: our code never sees what raw RSA leaves.
        ...['RSA_NO_PADDING', 'privateDecrypt', 'RSA_PKCS1_PADDING'].map((property) => ({
          property,
          message: RAW_RSA.message,
        })),
      ],
    },
  },
  {
    files: ['cli/**/*.ts', 'controller/**/*.ts', 'shared/**/*.ts', 'web/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'Only shared/kubernetes opens connections.' },
      ],
    },
  },
  ...ROOMS.map(roomRules),
  {
    files: TIMELY,
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/max-params': 'off' },
  },
  {
    files: ['test/**/*.test.ts'],
    // node:test gives promises that it awaits itself.
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              name: ['test', 'it', 'describe', 'suite', 'before', 'after'],
              package: 'node:test',
            },
          ],
        },
      ],
    },
  },
);
