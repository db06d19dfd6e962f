"""Write every dashboard into the chart, as the JSON that Grafana reads."""

from monitoring.dashboards.files import write_all
from monitoring.queries import DASHBOARDS

for path in write_all(DASHBOARDS):
    print(f"wrote {path.name}")
