// What every command shares: where output goes, how it looks, and what went wrong so far.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "report/json.h"
#include "report/style.h"

namespace abiscope::cli {

// The same everywhere (docs/architecture.md, "Exit codes").
enum class Exit : int { yes = 0, no = 1, usage = 2, cannot_tell = 3, failed = 4 };

enum class Form : std::uint8_t { text, json, jsonl };

struct CommonOptions {
    Form form = Form::text;
    std::string output;                // file; empty is standard output
    std::string colour = "auto";       // auto, always, never
    bool quiet = false;
};

// Collects results in the order of the subjects and writes them in the form asked for.
class Output {
public:
    // `descriptor`: where output goes that no file was named for.
    Output(std::string_view command, const CommonOptions& options, int descriptor = 1);
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    [[nodiscard]] const report::Style& style() const { return style_; }
    [[nodiscard]] Form form() const { return options_.form; }
    [[nodiscard]] bool wants_progress() const { return !options_.quiet; }

    void text(std::string_view text);
    void result(report::Json json);          // --json, --jsonl
    void error(const Error& error);          // one line on standard error at once, and in the document
    Exit fail(const Error& error);           // the same, and the document ends with it
    [[nodiscard]] bool had_errors() const { return !errors_.empty(); }

    // Ends the document. False when the output could not be written.
    [[nodiscard]] bool finish();

private:
    void write(std::string_view bytes);

    std::string command_;
    CommonOptions options_;
    report::Style style_;
    report::Json results_ = report::Json::array();
    std::vector<Error> errors_;
    int descriptor_ = 1;
    bool failed_ = false;
    std::string pending_;
};

// The worst of two, in the order failed, usage, no, cannot_tell, yes.
[[nodiscard]] Exit worse(Exit a, Exit b);

}  // namespace abiscope::cli
