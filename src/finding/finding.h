// The one currency: everything abiscope has to say about a file is a Finding. Typed data only; prose is made in report/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "finding/evidence.h"
#include "finding/fix.h"
#include "finding/rule.h"
#include "finding/trace.h"

namespace abiscope::finding {

enum class Confidence : std::uint8_t { proven, likely, possible };

// A 64-bit address, printed in hexadecimal, as opposed to a count.
struct Address {
    std::uint64_t value;
};

using Argument = std::variant<std::string, std::uint64_t, Address>;

struct NamedArgument {
    std::string name;
    Argument value;
};

class Finding {
public:
    // There is no way to make a finding without evidence.
    Finding(RuleId rule, Evidence first);

    Finding& with(std::string name, std::string value) &;
    Finding& with(std::string name, std::uint64_t value) &;
    Finding& with(std::string name, Address value) &;
    Finding& add(Evidence evidence) &;
    Finding& add(Fix fix) &;
    Finding& traced(Trace trace) &;
    Finding& confidence(Confidence confidence, std::string reason) &;
    Finding& rejecting(std::string lookalike, std::string because) &;

    template <typename... T>
    Finding&& with(std::string name, T&&... value) && {
        this->with(std::move(name), std::forward<T>(value)...);
        return std::move(*this);
    }
    Finding&& add(Evidence evidence) &&;
    Finding&& add(Fix fix) &&;
    Finding&& traced(Trace trace) &&;
    Finding&& confidence(Confidence confidence, std::string reason) &&;
    Finding&& rejecting(std::string lookalike, std::string because) &&;

    // In one place: every file that passes a finding on would compile them anew.
    Finding(const Finding& other);
    Finding(Finding&& other) noexcept;
    Finding& operator=(const Finding& other);
    Finding& operator=(Finding&& other) noexcept;
    ~Finding();

    struct Rejected {
        std::string lookalike;
        std::string because;
    };

    [[nodiscard]] RuleId rule() const { return rule_; }
    [[nodiscard]] Confidence confidence() const { return confidence_; }
    [[nodiscard]] const std::string& confidence_reason() const { return confidence_reason_; }
    [[nodiscard]] const std::vector<NamedArgument>& arguments() const { return arguments_; }
    [[nodiscard]] const std::vector<Evidence>& evidence() const { return evidence_; }
    [[nodiscard]] const Trace& trace() const { return trace_; }
    [[nodiscard]] const std::vector<Fix>& fixes() const { return fixes_; }
    [[nodiscard]] std::vector<Fix>& fixes() { return fixes_; }
    [[nodiscard]] const std::vector<Rejected>& rejected() const { return rejected_; }
    [[nodiscard]] Severity severity() const { return finding::rule(rule_).severity; }

    // The same finding on the same program has the same fingerprint whatever folder it lies in: rule, argument values (the last
    // component of those that are absolute paths) and structural paths, hashed (FNV-1a, 64 bits).
    [[nodiscard]] std::uint64_t fingerprint() const;

private:
    RuleId rule_;
    Confidence confidence_ = Confidence::proven;
    std::string confidence_reason_;
    std::vector<NamedArgument> arguments_;
    std::vector<Evidence> evidence_;
    Trace trace_;
    std::vector<Fix> fixes_;
    std::vector<Rejected> rejected_;
};

[[nodiscard]] std::string_view to_string(Confidence confidence);

}  // namespace abiscope::finding
