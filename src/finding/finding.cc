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
