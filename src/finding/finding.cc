#include "finding/finding.h"

namespace abiscope::finding {

namespace {

class Fnv1a {
public:
    void add(std::string_view text) {
        for (char c : text) mix(static_cast<unsigned char>(c));
        mix(0xff);
    }
    void add(std::uint64_t value) {
        for (int i = 0; i < 8; ++i) mix(static_cast<unsigned char>(value >> (8 * i)));
    }
    [[nodiscard]] std::uint64_t value() const { return hash_; }

private:
    void mix(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; }
    std::uint64_t hash_ = 0xcbf29ce484222325;
};

std::string_view without_folder(std::string_view text) {
    if (!text.starts_with('/')) return text;
    return text.substr(text.rfind('/') + 1);
}

}  // namespace

Finding::Finding(RuleId rule, Evidence first) : rule_(rule) { evidence_.push_back(std::move(first)); }

Finding::Finding(const Finding& other) = default;
Finding::Finding(Finding&& other) noexcept = default;
Finding& Finding::operator=(const Finding& other) = default;
Finding& Finding::operator=(Finding&& other) noexcept = default;
Finding::~Finding() = default;

Finding& Finding::with(std::string name, std::string value) & {
    arguments_.push_back({std::move(name), std::move(value)});
    return *this;
}

Finding& Finding::with(std::string name, std::uint64_t value) & {
    arguments_.push_back({std::move(name), value});
    return *this;
}

Finding& Finding::with(std::string name, Address value) & {
    arguments_.push_back({std::move(name), value});
    return *this;
}

Finding& Finding::add(Evidence evidence) & {
    evidence_.push_back(std::move(evidence));
    return *this;
}

Finding& Finding::add(Fix fix) & {
    fixes_.push_back(std::move(fix));
    return *this;
}

Finding& Finding::traced(Trace trace) & {
    trace_ = std::move(trace);
    return *this;
}

Finding& Finding::confidence(Confidence confidence, std::string reason) & {
    confidence_ = confidence;
    confidence_reason_ = std::move(reason);
    return *this;
}

Finding& Finding::rejecting(std::string lookalike, std::string because) & {
    rejected_.push_back({std::move(lookalike), std::move(because)});
    return *this;
}

Finding&& Finding::add(Evidence evidence) && { return std::move(this->add(std::move(evidence))); }
Finding&& Finding::add(Fix fix) && { return std::move(this->add(std::move(fix))); }
Finding&& Finding::traced(Trace trace) && { return std::move(this->traced(std::move(trace))); }
Finding&& Finding::confidence(Confidence confidence, std::string reason) && {
    return std::move(this->confidence(confidence, std::move(reason)));
}
Finding&& Finding::rejecting(std::string lookalike, std::string because) && {
    return std::move(this->rejecting(std::move(lookalike), std::move(because)));
}

std::uint64_t Finding::fingerprint() const {
    Fnv1a hash;
    hash.add(finding::rule(rule_).name);
    for (const NamedArgument& argument : arguments_) {
        hash.add(argument.name);
        if (const auto* text = std::get_if<std::string>(&argument.value)) hash.add(without_folder(*text));
        if (const auto* number = std::get_if<std::uint64_t>(&argument.value)) hash.add(*number);
        if (const auto* address = std::get_if<Address>(&argument.value)) hash.add(address->value);
    }
    for (const Evidence& item : evidence_) hash.add(item.path);
    return hash.value();
}

std::string_view to_string(Confidence confidence) {
    switch (confidence) {
        case Confidence::proven: return "proven";
        case Confidence::likely: return "likely";
        case Confidence::possible: return "possible";
    }
    return "possible";
}

}  // namespace abiscope::finding
