{{/*
Prepares the values. Every template calls it first, because templates run in no fixed order. Replaces every absent or null
map of values by an empty map, and every absent or null value that is a number or a string by default by its default:
`helm upgrade --reuse-values` uses the values of the previous release, with its nulls and without values that it did not
know. Other absent or null values are empty.
*/}}
{{- define "sealed-secrets.prepare" -}}
{{- $known := .Files.Get "known-values.json" | fromJson -}}
{{- include "sealed-secrets.prepareMap" (dict "values" .Values "known" $known) -}}
{{- end -}}

{{- define "sealed-secrets.prepareMap" -}}
{{- $values := .values -}}
{{- $known := .known -}}
{{- range $name, $default := $known -}}
{{- $missing := kindIs "invalid" (index $values $name) -}}
{{- if kindIs "map" $default -}}
{{- /* A null here means that the container has no limits. */ -}}
{{- if and $missing (ne $name "resources") -}}{{- $_ := set $values $name dict -}}{{- end -}}
{{- if kindIs "map" (index $values $name) -}}
{{- include "sealed-secrets.prepareMap" (dict "values" (index $values $name) "known" $default) -}}
{{- end -}}
{{- else if and $missing (not (kindIs "invalid" $default)) -}}
{{- $_ := set $values $name $default -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Fails for misspelt names, of a dict: values, known, and path (empty at the root). */}}
{{- define "sealed-secrets.checkNames" -}}
{{- $known := .known -}}
{{- $path := .path -}}
{{- range $name, $value := .values -}}
{{- if not (hasKey $known $name) -}}
{{- include "sealed-secrets.refuseUnknown" (dict "name" $name "known" $known "path" $path) -}}
{{- else if and (kindIs "map" $value) (kindIs "map" (index $known $name)) -}}
{{- $inner := dict "values" $value "known" (index $known $name) "path" (printf "%s%s." $path $name) -}}
{{- include "sealed-secrets.checkNames" $inner -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Fails for an unknown name, of a dict: name, known (a map with the names that are known there), path. At the root, names
that are not near a known one are left alone: they are anchors, or values of other charts in the same file.
*/}}
{{- define "sealed-secrets.refuseUnknown" -}}
{{- $name := .name -}}
{{- $near := dict "distance" 3 -}}
{{- if not (hasPrefix "x-" $name) -}}
{{- range $known, $_ := .known -}}
{{- /* One edit makes another word of a name as short as "args". */ -}}
{{- $most := le (len $known) 4 | ternary 1 2 -}}
{{- $longer := sub (len $name) (len $known) -}}
{{- if and (le $longer $most) (ge $longer (sub 0 $most)) -}}
{{- $distance := include "sealed-secrets.distance" (list (lower $name) (lower $known)) | int -}}
{{- if and (le $distance $most) (lt $distance $near.distance) -}}
{{- $_ := set $near "distance" $distance -}}
{{- $_ := set $near "name" $known -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $near.name -}}
{{- fail (printf "%s%s: unknown value; did you mean %s%s?" .path $name .path $near.name) -}}
{{- else if .path -}}
{{- fail (printf "%s%s: unknown value; known here: %s" .path $name (keys .known | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}

{{/*
The edit distance of a list of two texts: how many letters to insert, remove, replace or swap with the next one make one
the other (optimal string alignment).
*/}}
{{- define "sealed-secrets.distance" -}}
{{- $a := splitList "" (index . 0) -}}
{{- $b := splitList "" (index . 1) -}}
{{- $before := list -}}
{{- $row := untilStep 0 (len $b | add1 | int) 1 -}}
{{- range $i, $x := $a -}}
{{- $next := list (add1 $i) -}}
{{- range $j, $y := $b -}}
{{- $least := min (index $row (add1 $j) | add1) (index $next $j | add1) (add (index $row $j) (eq $x $y | ternary 0 1)) -}}
{{- if and $i $j -}}
{{- if and (eq $x (index $b (sub $j 1))) (eq $y (index $a (sub $i 1))) -}}
{{- $least = min $least (index $before (sub $j 1) | add1) -}}
{{- end -}}
{{- end -}}
{{- $next = append $next $least -}}
{{- end -}}
{{- $before = $row -}}
{{- $row = $next -}}
{{- end -}}
{{- last $row -}}
{{- end -}}

{{/* "true" for a value that is neither null nor an empty text. */}}
{{- define "sealed-secrets.given" -}}
{{- if not (or (kindIs "invalid" .) (eq (toString .) "")) -}}true{{- end -}}
{{- end -}}
