import js from '@eslint/js';
import { importX, createNodeResolver } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * Who may import whom. `cli` and `controller` stand on `shared` and never on each other; inside `shared` each room
 * stands on those named here. What ships never imports a test.
 */
const ROOMS = [
  ['cli', ['shared']],
  ['controller', ['shared']],
  ['shared/errors.ts', []],
  ['shared/clock.ts', []],
  ['shared/api', ['shared/errors.ts']],
  ['shared/crypto', ['shared/errors.ts']],
  ['shared/seal', ['shared/errors.ts', 'shared/api', 'shared/crypto']],
  ['shared/manifest', ['shared/errors.ts', 'shared/api']],
  ['shared/cluster', ['shared/errors.ts', 'shared/clock.ts', 'shared/api']],
];

const TOP = ['cli', 'controller', 'shared', 'test'];

const zones = ROOMS.flatMap(([room, others]) => {
  const allowed = [room, ...others];
  return TOP.filter((top) => !allowed.includes(top)).map((top) => ({
    target: `./${room}`,
    from: `./${top}`,
    except: allowed.filter((path) => path.startsWith(`${top}/`)).map((path) => path.replace(top, '.')),
  }));
});

const SOCKETS = ['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'node:dgram'].map(
  (name) => ({
    name,
    allowTypeImports: true,
    message: 'Only shared/cluster opens connections, and only controller/http takes them.',
  }),
);

const LAZY = ['node-forge', '@kubernetes/client-node'].map((name) => ({
  name,
  allowTypeImports: true,
  message: 'Load it with import() where it is needed: few runs do, and it is slow to load.',
}));

const RAW_RSA = {
  name: 'node:crypto',
  importNames: ['privateDecrypt'],
  message: 'Open envelopes with openEnvelope: OAEP is unpadded by OpenSSL alone.',
};

export default tseslint.config(
  { ignores: ['dist*/', 'node_modules/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones, basePath: import.meta.dirname }],
      'import-x/no-cycle': 'error',
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
          message: 'Open envelopes with openEnvelope: OAEP is unpadded by OpenSSL alone.',
        })),
      ],
    },
  },
  {
    files: ['cli/**/*.ts', 'controller/**/*.ts', 'shared/**/*.ts'],
    ignores: ['shared/cluster/**', 'controller/http/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [...SOCKETS, ...LAZY, RAW_RSA],
        },
      ],
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'Only shared/cluster opens connections.' },
      ],
    },
  },
  {
    files: ['cli/**/*.ts', 'controller/**/*.ts', 'shared/**/*.ts'],
    ignores: ['shared/clock.ts', 'controller/sigusr1.ts', 'controller/main.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "CallExpression[callee.name=/^set(Timeout|Interval)$/], CallExpression[callee.object.name='Date'][callee.property.name='now'], NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Take time from a Clock: timers beyond 2^31-1 ms fire at once, and tests bring their own.',
        },
      ],
    },
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
