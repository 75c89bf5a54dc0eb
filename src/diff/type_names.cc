#include "diff/type_names.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace abiscope::diff {

namespace {

constexpr unsigned most_depth = 64;   // of brackets in each other

bool is_word(char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '$'; }

// The words in front of a declarator, in any order: [dcl.type] of the C++ standard.
class Specifiers {
public:
    bool take(std::string_view word) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (word != words[i]) continue;
            ++counts_[i];
            return true;
        }
        return false;
    }

    // Behind the names that stand from `start` on: qualifiers behind what they qualify.
    void put(std::string& out, std::size_t start) const {
        auto add = [&](std::string_view word) {
            if (out.size() != start) out += ' ';
            out += word;
        };
        if (counts_[unsigned_] != 0) add("unsigned");
        if (counts_[char_] != 0) {
            if (counts_[signed_] != 0) add("signed");
            add("char");
        } else if (counts_[double_] != 0) {
            add(counts_[long_] != 0 ? "long double" : "double");
        } else if (counts_[short_] != 0) {
            add("short");
        } else if (counts_[long_] != 0) {
            add(counts_[long_] > 1 ? "long long" : "long");
        } else if (counts_[int128_] != 0) {
            add("__int128");
        } else if (counts_[int_] != 0 || counts_[unsigned_] != 0 || counts_[signed_] != 0) {
            add("int");
        }
        if (counts_[const_] != 0) add("const");
        if (counts_[volatile_] != 0) add("volatile");
    }

private:
    enum Word : std::uint8_t { unsigned_, signed_, char_, double_, short_, long_, int_, int128_, const_, volatile_ };
    static constexpr std::array<std::string_view, 10> words = {"unsigned", "signed", "char",     "double", "short",
                                                               "long",     "int",    "__int128", "const",  "volatile"};
    std::array<unsigned, words.size()> counts_{};
};

class Speller {
public:
    explicit Speller(std::string_view name) : rest_(name) {}

    std::string run() {
        while (!rest_.empty()) {
            sequence(0);
            if (!rest_.empty()) punctuation();   // a bracket that closes none
        }
        return std::move(out_);
    }

private:
    void skip_blanks() {
        while (rest_.starts_with(' ')) rest_.remove_prefix(1);
    }

    void punctuation() {
        out_ += rest_.front();
        rest_.remove_prefix(1);
    }

    // Up to the bracket that closes what is around it.
    void sequence(unsigned depth) {
        for (skip_blanks(); !rest_.empty(); skip_blanks()) {
            char c = rest_.front();
            if (c == '>' || c == ')' || c == ']') return;
            if (is_word(c) || rest_.starts_with("::")) declaration_words(depth);
            else if (c == '<' || c == '(' || c == '[') bracket(depth);
            else punctuation();
        }
    }

    void bracket(unsigned depth) {
        punctuation();
        if (depth < most_depth) sequence(depth + 1);
        if (!rest_.empty()) punctuation();
    }

    std::string_view word() {
        auto end = std::ranges::find_if_not(rest_, is_word);
        std::string_view found = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(found.size());
        // 8UL of one compiler is 8 of another.
        if (found.front() >= '0' && found.front() <= '9') {
            while (!found.empty() && std::string_view("uUlL").find(found.back()) != std::string_view::npos) found.remove_suffix(1);
        }
        return found;
    }

    void declaration_words(unsigned depth) {
        std::size_t start = out_.size();
        Specifiers specifiers;
        for (skip_blanks(); !rest_.empty() && (is_word(rest_.front()) || rest_.starts_with("::")); skip_blanks()) {
            if (rest_.starts_with("::")) {
                rest_.remove_prefix(2);
                out_ += "::";
                continue;
            }
            std::string_view next = word();
            if (specifiers.take(next)) continue;
            if (out_.size() != start && !out_.ends_with("::")) out_ += ' ';
            out_ += next;
            skip_blanks();
            if (rest_.starts_with('<')) bracket(depth);
        }
        specifiers.put(out_, start);
    }

    std::string_view rest_;
    std::string out_;
};

std::string without_arguments(std::string_view name) {
    std::string out;
    unsigned depth = 0;
    for (char c : name) {
        if (c == '<') ++depth;
        if (depth == 0) out += c;
        if (c == '>' && depth > 0) --depth;
    }
    return out;
}

}  // namespace

std::string one_spelling(std::string_view name) { return Speller(name).run(); }

bool same_type_name(std::string_view a, std::string_view b) {
    if (a == b) return true;
    std::size_t in_a = a.find('<'), in_b = b.find('<');
    if (in_a == std::string_view::npos && in_b == std::string_view::npos) return false;
    if (in_a == std::string_view::npos) return without_arguments(b) == a;
    if (in_b == std::string_view::npos) return without_arguments(a) == b;
    return a.substr(0, in_a) == b.substr(0, in_b) && one_spelling(a) == one_spelling(b);
}

}  // namespace abiscope::diff
