"""One drill from beginning to end: broken, diagnosed, mended, whole."""

from proofs.drills.drills import DOCTORS_OWN, Drill
from proofs.drills.patient import Patient
from proofs.report import Proofs
from scrape_doctor.finding import State


def treat(drill: Drill, proofs: Proofs, patient: Patient) -> None:
    """Drill a patient and note it in the table; it must be whole before and is whole afterwards.

    Raises:
        AssertionError: if the doctor names another cause, or more than one, or the mend does not heal.
        kr8s.ServerError: if the cluster does not let itself be broken like that.
    """
    with proofs.proof(drill.name) as row:
        row.saw(f"symptom: {drill.symptom}")
        patient.apply(drill.broken_by)
        healed = False
        try:
            if drill.untargeted:
                patient.until_untargeted()
            found = patient.until_diagnosed(drill.cause)
            assert (found.link.name, found.finding.state) == (drill.link, State.BROKEN)
            row.saw(f"doctor: {found.finding.message}")
            row.saw(f"mend: {found.finding.fix if drill.mend == DOCTORS_OWN else drill.mend}")
            if drill.mend == DOCTORS_OWN:
                patient.obey(found.finding.fix)
                patient.until_whole()
                healed = True
        finally:
            if not healed:  # the next drill needs a whole patient, whatever became of this one
                patient.undo(drill.broken_by)
        patient.until_whole()
        row.passed = True
