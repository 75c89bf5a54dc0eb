// What changed for the callers of a function: parameters, results, and where each travels.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diff/change.h"
#include "diff/places.h"
#include "diff/relation.h"
#include "diff/side.h"

namespace abiscope::diff {

class FunctionComparison {
public:
    // `number` is that of the pair of symbols.
    FunctionComparison(Relations& relations, std::uint32_t number, const Side& old, const abi::Signature& before, const Side& now,
                       const abi::Signature& after, std::string subject);

    // Why no call of the one or the other can be placed, and which switches of its compiler change calls or layouts; empty: nothing and
    // none.
    struct Unusual {
        std::string call_unknown;
        std::string switches;
        bool operator==(const Unusual&) const = default;
    };
    void unusual(Unusual old, Unusual now);

    // Relates the types; to be called before all pairs are compared.
    void relate();
    // Whether more than spelling differs.
    [[nodiscard]] bool differs() const;
    // The changes. `types_moved`: a type that travels by value here has another shape.
    void report(bool types_moved, std::vector<Change>& into);

private:
    struct Kept {
        std::size_t old = 0;
        std::size_t now = 0;
        Relation relation;
    };
    [[nodiscard]] std::optional<Places> places(const Side& side, const abi::Signature& signature) const;
    [[nodiscard]] std::string why_unusual() const;
    [[nodiscard]] bool is_promoted(const Kept& kept) const;
    void report_parameter(const Kept& kept, const std::optional<Places>& before, const std::optional<Places>& after,
                          std::vector<Change>& into);
    void report_result(const std::optional<Places>& before, const std::optional<Places>& after, std::vector<Change>& into);
    [[nodiscard]] Change change(finding::RuleId rule) const { return Change(rule, About::symbol, subject_); }
    [[nodiscard]] std::string spelled(const Side& side, abi::TypeId type) const;

    Relations& relations_;
    std::uint32_t number_;
    const Side& old_;
    const Side& now_;
    const abi::Signature& before_;
    const abi::Signature& after_;
    std::string subject_;
    std::vector<Kept> kept_;
    std::vector<std::size_t> gone_, added_;
    Relation result_;
    Unusual unusual_before_, unusual_after_;
};

}  // namespace abiscope::diff
