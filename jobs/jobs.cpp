// SPDX-License-Identifier: Apache-2.0
// jobs/jobs.cpp: the list of all jobs. Each is declared here alone, so that a new one compiles no other anew.
#include "jobs.hpp"

namespace farpoint::jobs {

pipeline::JobType attach_job();
pipeline::JobType choices_job();
pipeline::JobType classify_job();
pipeline::JobType clean_job();
pipeline::JobType contrast_job();
pipeline::JobType dedup_job();
pipeline::JobType embed_job();
pipeline::JobType export_job();
pipeline::JobType filter_job();
pipeline::JobType importance_job();
pipeline::JobType memory_job();
pipeline::JobType nearest_job();
pipeline::JobType perplexity_job();
pipeline::JobType profile_job();
pipeline::JobType rate_job();
pipeline::JobType select_job();

pipeline::JobTypes all_jobs() {
  return {
      attach_job(),     choices_job(), classify_job(), clean_job(),      contrast_job(), dedup_job(),
      embed_job(),      export_job(),  filter_job(),   importance_job(), memory_job(),   nearest_job(),
      perplexity_job(), profile_job(), rate_job(),     report_job(),     select_job(),
  };
}

}  // namespace farpoint::jobs
