// Verdicts for people: one headline, the very lines the user will see, the findings, and a matrix where there is more than one answer.
#pragma once

#include <string>
#include <vector>

#include "bytes/source.h"
#include "finding/finding.h"
#include "inspect/card.h"
#include "loader/outcome.h"
#include "report/style.h"

namespace abiscope::report {

struct CheckedFile {
    inspect::Subject subject;
    SourcePtr source;
    std::string target;
    loader::Outcome outcome;
    std::vector<finding::Finding> findings;
};

// `verbose`: the findings of programs that run, and the traces of all.
[[nodiscard]] std::string check_text(const CheckedFile& one, const Style& style, bool verbose);

// What is left to say of a file when all are done.
struct MatrixCell {
    std::string file;
    std::string target;
    loader::Verdict verdict = loader::Verdict::unknown;
    loader::Stage stage = loader::Stage::runtime;
};

// Files down, targets across; empty for a single target.
[[nodiscard]] std::string matrix_text(const std::vector<MatrixCell>& answers, const Style& style);

// "will run", "will not run: versions", "runs on a condition: isa", "cannot tell: libraries".
[[nodiscard]] std::string verdict_words(const loader::Outcome& outcome);

// The tree of libraries, how each was found, every place tried.
[[nodiscard]] std::string resolve_text(const CheckedFile& one, const Style& style, bool all_traces, bool symbols);

}  // namespace abiscope::report
