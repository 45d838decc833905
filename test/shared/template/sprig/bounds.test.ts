import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DEFAULT_LIMITS, TemplateError } from '../../../../shared/template/index.ts';
import { render } from '../render.ts';

/** Less than usual, so that the tests are done sooner. */
const LIMITS = { ...DEFAULT_LIMITS, steps: 200_000, costlyCalls: 1 };

/** Something long, made of cheap parts. */
const BIG = '{{ $s := repeat 1000000 "a" }}';
const LONG = '{{ $l := until 60000 }}';

const BOMBS = [
  '{{ repeat 1000000000 "x" }}',
  '{{ repeat 9223372036854775807 "xx" }}',
  '{{ seq 1 2000000000 }}',
  '{{ seq 0 -1 -9223372036854775807 }}',
  '{{ until 1000000000 }}',
  '{{ untilStep 0 9223372036854775807 1 }}',
  '{{ untilStep 0 -1000000000 -1 }}',
  '{{ indent 1000000000 "a" }}',
  '{{ nindent 9223372036854775807 "a" }}',
  '{{ randAlpha 1000000000 }}',
  '{{ randBytes 1000000000 }}',
  '{{ randAscii 9223372036854775807 }}',
  `${BIG}{{ indent 5000 (replace "a" "\\n" $s) }}`,
  `${BIG}{{ replace "a" $s $s }}`,
  `${BIG}{{ replace "" $s $s }}`,
  `${BIG}{{ wrapWith 1 $s $s }}`,
  `${BIG}{{ regexReplaceAll "a" $s $s }}`,
  `${BIG}{{ regexReplaceAllLiteral "" $s $s }}`,
  `${BIG}{{ regexFindAll "a" $s -1 | len }}`,
  `${BIG}{{ regexMatch "(a?){900}b" $s }}`,
  `${BIG}{{ regexSplit "" $s -1 | len }}`,
  `${BIG}{{ split "" $s | len }}`,
  `${BIG}{{ join $s (until 100) }}`,
  `${BIG}{{ shuffle $s }}`,
  `${BIG}{{ snakecase $s }}{{ camelcase $s }}{{ title $s }}{{ upper $s }}`,
  `${BIG}{{ list $s $s $s $s $s | toJson }}`,
  `${BIG}{{ mustFromJson (printf "[%s1]" (replace "a" "1," $s)) }}`,
  `${BIG}{{ mustFromJson (replace "a" "[" $s) }}`,
  `${BIG}{{ mustRegexMatch (replace "a" "(" $s) "x" }}`,
  `${BIG}{{ semverCompare (replace "a" "1 - " $s) "1" }}`,
  `${LONG}{{ uniq $l }}`,
  `${LONG}{{ range $l }}{{ $l = append $l . }}{{ end }}`,
  `${LONG}{{ $d := dict }}{{ range $l }}{{ $_ := set $d (toString .) (list $d $d) }}{{ end }}{{ toJson $d }}`,
  '{{ $d := dict }}{{ range until 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ $d }}',
  '{{ $d := dict }}{{ range until 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ toJson $d }}',
  '{{ $d := dict }}{{ range until 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ deepCopy $d }}',
  '{{ $d := dict }}{{ range until 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ deepEqual $d (deepCopy $d) }}',
  '{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ deepCopy $d }}',
  '{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ mustMerge $d $d }}',
  '{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ $e := dict }}{{ $_ := set $e "a" $e }}{{ mustMerge $d $e }}',
  '{{ $x := list }}{{ range until 5000 }}{{ $x = list $x }}{{ end }}{{ toJson $x }}',
  '{{ $x := list }}{{ range until 5000 }}{{ $x = list $x }}{{ end }}{{ deepEqual $x (list $x) }}{{ deepCopy $x }}',
  '{{ range until 2 }}{{ derivePassword 1 "long" "p" "u" "s" }}{{ end }}',
  '{{ range until 2 }}{{ bcrypt "x" }}{{ end }}',
];

/** Time stands still here: what counts alone has to stop them. */
suite('what would take too much is refused', () => {
  for (const text of BOMBS) {
    test(text, () => {
      assert.throws(
        () => render({ text }, LIMITS),
        (error) => error instanceof TemplateError,
      );
    });
  }
});
