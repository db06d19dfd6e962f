{{/* What every pod of the chart has in common: the application's, the traffic generator's, the test's. */}}
{{- define "flask-app.podSettings" -}}
serviceAccountName: {{ include "flask-app.serviceAccountName" . | quote }}
automountServiceAccountToken: false
# A Service named flask-app would put FLASK_APP_PORT=tcp://… and more into the environment.
enableServiceLinks: false
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
tolerations:
  {{- with .Values.tolerations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- range list "not-ready" "unreachable" }}
  - key: node.kubernetes.io/{{ . }}
    operator: Exists
    effect: NoExecute
    tolerationSeconds: {{ $.Values.nodeFailureSeconds }}
  {{- end }}
{{- end -}}

{{/* Annotations of the application's pods. The checksum restarts them when the Secret that they read at start changes. */}}
{{- define "flask-app.podAnnotations" -}}
{{- $own := dict -}}
{{- if and .Values.faults.enabled (not .Values.faults.existingSecret.name) -}}
{{- $own = dict "checksum/config" (.Values.faults.token | sha256sum) -}}
{{- end -}}
{{- with merge $own .Values.podAnnotations -}}
{{ toYaml . }}
{{- end -}}
{{- end -}}

{{/* Environment of the application. */}}
{{- define "flask-app.env" -}}
{{- range $name, $value := include "flask-app.settings" . | fromYaml }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- if .Values.faults.enabled }}
- name: FAULTS_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ include "flask-app.faultsSecretName" . | quote }}
      key: {{ empty .Values.faults.existingSecret.name | ternary "token" .Values.faults.existingSecret.key | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The values that are settings of the application, by environment variable. */}}
{{- define "flask-app.settings" -}}
PORT: {{ .Values.app.port | quote }}
WEB_CONCURRENCY: {{ .Values.app.workers | quote }}
THREADS: {{ .Values.app.threads | quote }}
LOG_LEVEL: {{ .Values.app.logLevel | quote }}
ACCESS_LOG: {{ .Values.app.accessLog | quote }}
MAX_BODY_BYTES: {{ .Values.app.maxBodyBytes | int64 | quote }}
SHUTDOWN_DRAIN_SECONDS: {{ .Values.shutdown.drainSeconds | quote }}
SHUTDOWN_TIMEOUT_SECONDS: {{ .Values.shutdown.timeoutSeconds | quote }}
FAULTS_ENABLED: {{ .Values.faults.enabled | quote }}
{{- with .Values.app.trustedProxies }}
TRUSTED_PROXIES: {{ . | quote }}
{{- end }}
{{- with .Values.app.trustedPrefix }}
TRUSTED_PREFIX: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* One probe: a GET by port name, so that the port is written once. */}}
{{- define "flask-app.probe" -}}
httpGet:
  path: {{ .path | quote }}
  port: web
{{ omit . "path" | toYaml }}
{{- end -}}

{{/* Seconds from the deletion of a pod to SIGKILL. The clock starts before preStop, so that is part of it. */}}
{{- define "flask-app.gracePeriodSeconds" -}}
{{- with .Values.shutdown -}}
{{ add .preStopSeconds .timeoutSeconds .marginSeconds }}
{{- end -}}
{{- end -}}

{{/* The spread, each constraint over the pods of one revision: the old ones leave anyway. */}}
{{- define "flask-app.topologySpreadConstraints" -}}
{{- range .Values.topologySpreadConstraints }}
- {{- toYaml . | nindent 2 }}
  labelSelector:
    matchLabels:
      {{- include "flask-app.selectorLabels" $ | nindent 6 }}
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end -}}
