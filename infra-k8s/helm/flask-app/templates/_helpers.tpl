{{/* Name of the chart: what the application is, and so the Prometheus job. 55 characters leave room for -traffic in a label. */}}
{{- define "flask-app.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 55 | trimSuffix "-" -}}
{{- end -}}

{{/*
Name of the objects: the release, with the chart's name unless that is in it. A pod is named by its ReplicaSet, cut at 58
characters: with `-`, a hash of up to ten and `-` after it, 46 are never cut, and alerts know the pods by the whole name.
*/}}
{{- define "flask-app.fullname" -}}
{{- $name := include "flask-app.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 46 | trimSuffix "-" -}}
{{- end -}}

{{/* Name and version of the chart, as a label may hold it. */}}
{{- define "flask-app.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimAll "-_." -}}
{{- end -}}

{{/* Labels that select the pods. They may never change: a Deployment's selector is immutable. */}}
{{- define "flask-app.selectorLabels" -}}
app.kubernetes.io/name: {{ include "flask-app.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Labels of every object that say which release of what it belongs to; beside a name and an instance. */}}
{{- define "flask-app.releaseLabels" -}}
helm.sh/chart: {{ include "flask-app.chart" . }}
app.kubernetes.io/version: {{ default .Chart.AppVersion .Values.image.tag | replace "+" "_" | trunc 63 | trimAll "-_." | quote }}
app.kubernetes.io/part-of: {{ include "flask-app.name" . | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of the application's objects. */}}
{{- define "flask-app.labels" -}}
{{ include "flask-app.selectorLabels" . }}
{{ include "flask-app.releaseLabels" . }}
{{- end -}}

{{/* Labels of an object that is selected by labels of the user: those win. Takes (dict "root" $ "labels" …). */}}
{{- define "flask-app.labelsWith" -}}
{{ mustMergeOverwrite (include "flask-app.labels" .root | fromYaml) .labels | toYaml }}
{{- end -}}

{{/* Labels of the application's pods: no chart version, or each version of the chart would restart them. */}}
{{- define "flask-app.podLabels" -}}
{{ include "flask-app.selectorLabels" . }}
{{- with merge dict .Values.podLabels .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Reference of the image: the digest wins over the tag. */}}
{{- define "flask-app.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Name of the ServiceAccount. */}}
{{- define "flask-app.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ default (include "flask-app.fullname" .) .Values.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{/* Name of the Secret that holds the faults' token. */}}
{{- define "flask-app.faultsSecretName" -}}
{{- default (printf "%s-faults" (include "flask-app.fullname" .)) .Values.faults.existingSecret.name -}}
{{- end -}}

{{/* Labels that select a helper's pods (traffic, test): a name of their own, so that the Service never selects them. */}}
{{- define "flask-app.helperSelectorLabels" -}}
app.kubernetes.io/name: {{ include "flask-app.name" .root }}-{{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of a helper's objects. */}}
{{- define "flask-app.helperLabels" -}}
{{ include "flask-app.helperSelectorLabels" . }}
{{ include "flask-app.releaseLabels" .root }}
{{- end -}}

{{/* The way to the cluster's DNS: what every pod may reach under a NetworkPolicy. */}}
{{- define "flask-app.dnsEgress" -}}
- ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
  to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
{{- end -}}
