#include "actors/document/ingest_machine.hpp"

namespace graphrag::document {

Step IngestMachine::first() const noexcept {
  if (plan_.resumed && plan_.attempt_open) return Step::load_blob;
  if (plan_.resumed) return plan_.attempts >= max_attempts ? Step::fail : Step::start_attempt;
  if (plan_.accept_first) return Step::put_blob;
  return plan_.is_file ? Step::parse : Step::analyse;
}

Step IngestMachine::next(Step done, StepResult result) noexcept {
  if (result == StepResult::bad_document)
    return accepted_ && done != Step::fail ? Step::fail : Step::finish;
  if (result == StepResult::unchanged && done == Step::commit) return Step::wait_visible;
  if (result != StepResult::ok) return Step::finish;
  auto work = plan_.is_file ? Step::parse : Step::analyse;
  switch (done) {
  case Step::put_blob:
    return Step::accept;
  case Step::accept:
    accepted_ = true;
    return work;
  case Step::start_attempt:
    attempt_open_ = true;
    return Step::load_blob;
  case Step::load_blob:
    return work;
  case Step::parse:
    return Step::analyse;
  case Step::analyse:
    return Step::commit;
  case Step::commit:
    return Step::wait_visible;
  case Step::fail:
  case Step::wait_visible:
  case Step::finish:
    return Step::finish;
  }
  return Step::finish;
}

} // namespace graphrag::document
