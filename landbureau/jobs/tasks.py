"""What Celery calls. Messages carry names and ids; the rows decide what is done."""

from django.utils import timezone
from django.utils.module_loading import import_string

from landbureau.celery import app
from landbureau.jobs import services


@app.task(name="landbureau.jobs.tasks.execute")
def execute(run_id: int) -> None:
    """A run waits."""
    services.execute(run_id)


@app.task(name="landbureau.jobs.tasks.tick")
def tick(name: str) -> None:
    """Beat says that a job of the schedule is due."""
    job = services.job_of(name)
    if job.leaves_run:
        services.run_slot(job, timezone.now())
    else:
        import_string(job.function)()
