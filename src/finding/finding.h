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
    Finding(RuleId rule, Evidence first) : rule_(rule) { evidence_.push_back(std::move(first)); }

    Finding& with(std::string name, std::string value) & {
        arguments_.push_back({std::move(name), std::move(value)});
        return *this;
    }
    Finding& with(std::string name, std::uint64_t value) & {
        arguments_.push_back({std::move(name), value});
        return *this;
    }
    Finding& with(std::string name, Address value) & {
        arguments_.push_back({std::move(name), value});
        return *this;
    }
    Finding& add(Evidence evidence) & {
        evidence_.push_back(std::move(evidence));
        return *this;
    }
    Finding& add(Fix fix) & {
        fixes_.push_back(std::move(fix));
        return *this;
    }
    Finding& traced(Trace trace) & {
        trace_ = std::move(trace);
        return *this;
    }
    Finding& confidence(Confidence confidence, std::string reason) & {
        confidence_ = confidence;
        confidence_reason_ = std::move(reason);
        return *this;
    }
    Finding& rejecting(std::string lookalike, std::string because) & {
        rejected_.push_back({std::move(lookalike), std::move(because)});
        return *this;
    }

    template <typename... T>
    Finding&& with(std::string name, T&&... value) && {
        this->with(std::move(name), std::forward<T>(value)...);
        return std::move(*this);
    }
    Finding&& add(Evidence evidence) && {
        this->add(std::move(evidence));
        return std::move(*this);
    }
    Finding&& add(Fix fix) && {
        this->add(std::move(fix));
        return std::move(*this);
    }
    Finding&& traced(Trace trace) && {
        this->traced(std::move(trace));
        return std::move(*this);
    }
    Finding&& confidence(Confidence confidence, std::string reason) && {
        this->confidence(confidence, std::move(reason));
        return std::move(*this);
    }
    Finding&& rejecting(std::string lookalike, std::string because) && {
        this->rejecting(std::move(lookalike), std::move(because));
        return std::move(*this);
    }

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
