import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * Who may import whom, as the relative paths that a room may not import from. `cli` and `controller` stand on
 * `shared` and never on each other; a room of `shared` stands on those named in its pattern; nothing that ships
 * stands on a test. A later room's pattern replaces an earlier one's.
 */
const ROOMS = [
  { files: 'cli/**/*.ts', forbidden: String.raw`^(\.\.\/)+(controller|test)\/` },
  { files: 'controller/**/*.ts', forbidden: String.raw`^(\.\.\/)+(cli|test)\/` },
  { files: 'controller/http/*.ts', forbidden: String.raw`^(\.\.\/)+(cli|test)\/` },
  { files: 'shared/**/*.ts', forbidden: String.raw`^(\.\.\/)+(cli|controller|test)\/` },
  { files: 'shared/{clock,go-values,text}.ts', forbidden: String.raw`^\.` },
  { files: 'shared/errors.ts', forbidden: String.raw`^\.(?!\/text\.ts$)` },
  { files: 'shared/{api,crypto}/*.ts', forbidden: String.raw`^\.\.\/(?!errors\.ts$)` },
  { files: 'shared/template/*.ts', forbidden: String.raw`^\.\.\/` },
  { files: 'shared/template/*/*.ts', forbidden: String.raw`^\.\.\/\.\.\/` },
  { files: 'shared/manifest/*.ts', forbidden: String.raw`^\.\.\/(?!errors\.ts$|api\/)` },
  { files: 'shared/seal/*.ts', forbidden: String.raw`^\.\.\/(?!errors\.ts$|api\/|crypto\/|template\/)` },
  {
    files: 'shared/kubeconfig/*.ts',
    forbidden: String.raw`^\.\.\/(?!errors\.ts$|go-values\.ts$|api\/|manifest\/read\.ts$)`,
  },
  {
    files: 'shared/cluster/*.ts',
    forbidden: String.raw`^\.\.\/(?!errors\.ts$|clock\.ts$|api\/|kubeconfig\/|manifest\/read\.ts$)`,
  },
];

/** The rooms that may open or take connections, and the files that may ask the machine for the time. */
const CONNECTED = /^(shared\/cluster|controller\/http)\//;
const TIMELY = ['shared/clock.ts', 'shared/template/environment.ts', 'controller/{sigusr1,main}.ts'];

const SOCKETS = ['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'node:dgram'].map(
  (name) => ({
    name,
    allowTypeImports: true,
    message: 'Only shared/cluster opens connections, and only controller/http takes them.',
  }),
);

const LAZY = ['node-forge'].map((name) => ({
  name,
  allowTypeImports: true,
  message: 'Load it with import() where it is needed: few runs do, and it is slow to load.',
}));

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
  const message = 'This room does not stand on that one: see ROOMS in eslint.config.js.';
  const paths = [...(CONNECTED.test(files) ? [] : SOCKETS), ...LAZY, RAW_RSA];
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
  { ignores: ['dist*/', 'node_modules/'] },
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
    files: ['cli/**/*.ts', 'controller/**/*.ts', 'shared/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'Only shared/cluster opens connections.' },
      ],
    },
  },
  ...ROOMS.map(roomRules),
  {
    files: TIMELY,
    rules: { 'no-restricted-syntax': 'off' },
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
