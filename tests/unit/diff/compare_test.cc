#include "diff/compare.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diff/suppressions.h"
#include "support/small_surface.h"
#include "unit/diff/changes.h"

namespace abiscope::diff {
namespace {

using test::SmallSurface;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(Compare, SameSurfaceHasNoChange) {
    SmallSurface one;
    one.function("draw", {one.pointer_to(one.record("point", 8, {{"x", one.integer(), 0}, {"y", one.integer(), 4}}))});
    EXPECT_THAT(changes(one, one), IsEmpty());
}

TEST(Compare, AnotherMachineIsSaidAloneAndFirst) {
    SmallSurface old, now;
    old.symbol("gone");
    now.surface.subject.arch = "arm64";
    EXPECT_THAT(changes(old, now), ElementsAre("breaking DIFF-MACHINE-CHANGED machine"));
}

TEST(Compare, TwoCompilersOfOneAbiAreCompared) {
    SmallSurface old, now;
    now.surface.profile = "sysv-amd64/clang-19";
    EXPECT_THAT(changes(old, now), IsEmpty());
    now.surface.profile = "aapcs64/gcc-12";
    EXPECT_THAT(changes(old, now), ElementsAre("breaking DIFF-MACHINE-CHANGED machine"));
}

TEST(Compare, AnotherFloatAbiOfRiscVIsAnotherMachine) {
    SmallSurface old, now;
    old.surface.variant = "lp64d";
    now.surface.variant = "lp64";
    EXPECT_THAT(changes(old, now), ElementsAre("breaking DIFF-MACHINE-CHANGED machine"));
    now.surface.variant = "lp64d";
    EXPECT_THAT(changes(old, now), IsEmpty());
}

TEST(Compare, SymbolsWithoutTypesBreakAndTheRestIsUnknown) {
    SmallSurface old, now;
    old.surface.missing.types = now.surface.missing.types = "no debug information in the file";
    old.symbol("gone");
    EXPECT_THAT(
        changes(old, now),
        ElementsAre("breaking DIFF-SYMBOL-REMOVED gone", "unknown DIFF-NO-DEBUG-INFORMATION NEW", "unknown DIFF-NO-DEBUG-INFORMATION OLD"));
}

TEST(Compare, ASymbolNobodyDescribesIsUnknown) {
    SmallSurface old, now;
    old.symbol("in_assembly");
    now.symbol("in_assembly");
    EXPECT_THAT(changes(old, now), ElementsAre("unknown DIFF-SYMBOL-NOT-DESCRIBED in_assembly"));
}

TEST(Compare, VersionsOfOneName) {
    SmallSurface old, now;
    old.surface.versions = now.surface.versions = {"V1", "V2"};
    old.symbol("f", "V1").symbol("g", "V1");
    now.symbol("f", "V2").symbol("g", "V1").symbol("g", "V2");
    now.surface.symbols[1].default_version = false;
    EXPECT_THAT(changes(old, now),
                testing::IsSupersetOf({"breaking DIFF-SYMBOL-VERSION-CHANGED f@V1", "harmless DIFF-DEFAULT-VERSION-CHANGED g@V1",
                                       "harmless DIFF-SYMBOL-ADDED f@V2", "harmless DIFF-SYMBOL-ADDED g@V2"}));
}

TEST(Compare, ALibraryWithoutVersionsSatisfiesVersionedReferences) {
    SmallSurface old, now;
    old.surface.versions = {"V1"};
    old.symbol("f", "V1");
    now.symbol("f");
    EXPECT_THAT(changes(old, now), testing::IsSupersetOf({"breaking DIFF-VERSION-REMOVED V1", "risky DIFF-SYMBOL-UNVERSIONED f@V1"}));
    EXPECT_THAT(changes(now, old), testing::IsSupersetOf({"harmless DIFF-VERSION-ADDED V1", "harmless DIFF-SYMBOL-VERSIONED f"}));
}

TEST(Compare, AnInlineCopyThatIsNoTemplateIsHarmless) {
    SmallSurface old, now;
    old.symbol("_ZN1a1fEv").symbol("_ZN1aIiE1fEv").symbol("_ZN1b1gEv").symbol("weak_in_c");
    for (std::size_t i : {0U, 1U, 3U}) old.surface.symbols[i].binding = surface::Binding::weak;
    EXPECT_THAT(changes(old, now),
                UnorderedElementsAre("harmless DIFF-INLINE-COPY-REMOVED _ZN1a1fEv", "risky DIFF-INLINE-COPY-REMOVED _ZN1aIiE1fEv",
                                     "breaking DIFF-SYMBOL-REMOVED _ZN1b1gEv", "breaking DIFF-SYMBOL-REMOVED weak_in_c"));
}

// The table of a class with one virtual function, and what the library has of both.
SmallSurface with_table(surface::Binding of_function, bool described) {
    SmallSurface out;
    out.symbol("_ZN2ns1R1fEv").symbol("_ZTIN2ns1RE").symbol("_ZTS1x").symbol("_ZTVN2ns1RE");
    out.surface.symbols[0].binding = of_function;
    for (std::size_t i : {1U, 2U, 3U}) out.surface.symbols[i].binding = surface::Binding::weak;
    if (!described) return out;
    abi::TypeId record = out.record("ns::R", 8, {});
    out.surface.types.record(record)->virtual_functions.push_back({.signature = "f()", .linkage_name = "_ZN2ns1R1fEv"});
    return out;
}

TEST(Compare, NobodyElseHasTheTableOfAClassWithAKeyFunction) {
    auto gone = [](const SmallSurface& old) {
        SmallSurface now;
        now.symbol(old.surface.symbols[0].name);
        now.surface.symbols[0].binding = old.surface.symbols[0].binding;
        std::vector<std::string> out = changes(old, now);
        std::erase_if(out, [](const std::string& line) { return line.find("_ZT") == std::string::npos; });
        return out;
    };
    EXPECT_THAT(gone(with_table(surface::Binding::global, true)),
                ElementsAre("breaking DIFF-SYMBOL-REMOVED _ZTIN2ns1RE", "breaking DIFF-SYMBOL-REMOVED _ZTVN2ns1RE",
                            "harmless DIFF-INLINE-COPY-REMOVED _ZTS1x"));
    EXPECT_THAT(gone(with_table(surface::Binding::weak, true)), testing::Each(testing::StartsWith("harmless DIFF-INLINE-COPY-REMOVED ")));
    EXPECT_THAT(gone(with_table(surface::Binding::global, false)),
                ElementsAre("risky DIFF-INLINE-COPY-REMOVED _ZTIN2ns1RE", "risky DIFF-INLINE-COPY-REMOVED _ZTVN2ns1RE",
                            "harmless DIFF-INLINE-COPY-REMOVED _ZTS1x"));
}

TEST(Compare, TheInitFunctionOfAThreadLocalVariableIsReferredToWeakly) {
    SmallSurface old, now;
    old.symbol("_ZTH1v");
    EXPECT_THAT(changes(old, now), ElementsAre("harmless DIFF-SYMBOL-REMOVED _ZTH1v"));
}

TEST(Compare, NobodyCopiesAThreadLocalVariable) {
    auto why = [](surface::SymbolKind kind) {
        SmallSurface old, now;
        old.symbol("v", {}, kind);
        now.symbol("v", {}, kind);
        now.surface.symbols[0].size = 12;
        std::vector<Change> found = compare(old.surface, now.surface, {}).changes;
        auto at = std::ranges::find(found.at(0).arguments, "why", &finding::NamedArgument::name);
        return at == found[0].arguments.end() ? std::string() : std::get<std::string>(at->value);
    };
    EXPECT_THAT(why(surface::SymbolKind::object), testing::HasSubstr("copy relocation"));
    EXPECT_EQ(why(surface::SymbolKind::thread_local_), "code built against OLD takes it for 8 bytes");
}

TEST(Compare, ASymbolThatIsTakenFromElsewhereNow) {
    SmallSurface old, now;
    old.surface.undefined = {"known", "moved@V1"};
    now.surface.undefined = {"bound@GLIBC_2.34", "helper", "known", "memcpy", "moved"};
    EXPECT_THAT(changes(old, now), ElementsAre("risky DIFF-SYMBOL-NEEDED helper"));
    EXPECT_THAT(changes(now, old), IsEmpty());
}

TEST(Compare, AnotherStorageOrderIsAnotherType) {
    auto with = [](abi::StorageOrder order, bool in_array) {
        SmallSurface one;
        abi::TypeId type = one.integer();
        one.surface.types.at(type).order = order;
        if (in_array) {
            abi::Type array{.kind = abi::Kind::array, .target = type, .count = 1};
            array.observed.size = 4;
            type = one.surface.types.add(array);
        }
        one.function("read", {one.pointer_to(one.record("packet", 4, {{"length", type, 0}}))});
        return one;
    };
    for (bool in_array : {false, true}) {
        SmallSurface native = with(abi::StorageOrder::native, in_array), big = with(abi::StorageOrder::big, in_array);
        EXPECT_THAT(changes(big, big), IsEmpty());
        for (const auto& [old, now] : {std::pair(&native, &big), std::pair(&big, &native)})
            EXPECT_THAT(changes(*old, *now), ElementsAre("breaking DIFF-FIELD-TYPE-CHANGED struct packet"));
    }
}

TEST(Compare, AFunctionThatMayReturnNowRunsOnBehindItsCalls) {
    SmallSurface old, now;
    old.function("fail", {});
    now.function("fail", {});
    old.surface.functions[0].no_return = true;
    EXPECT_THAT(changes(old, now), ElementsAre("risky DIFF-NORETURN-REMOVED fail"));
    EXPECT_THAT(changes(now, old), ElementsAre("harmless DIFF-NORETURN-ADDED fail"));
    EXPECT_THAT(changes(old, old), IsEmpty());
}

TEST(Compare, VtablesGrowAndShrinkAndTypeInformationDoesNotCount) {
    SmallSurface old, now;
    for (SmallSurface* one : {&old, &now})
        one->symbol("_ZTV1a", {}, surface::SymbolKind::object)
            .symbol("_ZTV1b", {}, surface::SymbolKind::object)
            .symbol("_ZTI1c", {}, surface::SymbolKind::object);
    now.surface.symbols[0].size = 16;
    old.surface.symbols[1].size = 16;
    now.surface.symbols[2].size = 24;
    EXPECT_THAT(changes(old, now), UnorderedElementsAre("risky DIFF-VTABLE-GROWN _ZTV1a", "breaking DIFF-VTABLE-SHRUNK _ZTV1b"));
}

// A record that the function takes by pointer or by value, with and without what a case adds.
std::vector<std::string> record_changes(bool by_value, std::uint64_t size,
                                        const std::vector<std::pair<std::string, std::uint64_t>>& members,
                                        const std::string& file = "small.h", const Options& options = {}) {
    auto make = [&](std::uint64_t bytes, const std::vector<std::pair<std::string, std::uint64_t>>& fields) {
        SmallSurface made;
        std::vector<SmallSurface::Member> list;
        list.reserve(fields.size());
        for (const auto& [name, place] : fields) list.push_back({name, made.integer(), place});
        abi::TypeId record = made.record("point", bytes, list, file);
        made.function("draw", {by_value ? record : made.pointer_to(record)});
        return made;
    };
    return changes(make(16, {{"x", 0}, {"reserved", 4}, {"z", 12}}), make(size, members), options);
}

TEST(Compare, FieldsByPlace) {
    using Fields = std::vector<std::pair<std::string, std::uint64_t>>;
    EXPECT_THAT(record_changes(false, 20, Fields{{"x", 0}, {"reserved", 4}, {"z", 12}, {"fresh", 16}}),
                ElementsAre("risky DIFF-FIELD-APPENDED struct point"));
    EXPECT_THAT(record_changes(true, 20, Fields{{"x", 0}, {"reserved", 4}, {"z", 12}, {"fresh", 16}}),
                testing::IsSupersetOf({"breaking DIFF-TYPE-SIZE-CHANGED struct point", "risky DIFF-FIELD-APPENDED struct point"}));
    EXPECT_THAT(record_changes(false, 16, Fields{{"x", 0}, {"reserved", 4}, {"fresh", 8}, {"z", 12}}),
                ElementsAre("risky DIFF-FIELD-IN-PADDING struct point"));
    EXPECT_THAT(record_changes(false, 16, Fields{{"x", 0}, {"fresh", 4}, {"z", 12}}),
                ElementsAre("risky DIFF-RESERVED-FIELD-USED struct point"));
    EXPECT_THAT(record_changes(false, 16, Fields{{"x", 0}, {"reserved", 4}, {"zed", 12}}),
                ElementsAre("harmless DIFF-FIELD-RENAMED struct point"));
    EXPECT_THAT(record_changes(false, 16, Fields{{"x", 0}, {"reserved", 4}}), ElementsAre("breaking DIFF-FIELD-REMOVED struct point"));
    EXPECT_THAT(record_changes(false, 16, Fields{{"x", 8}, {"reserved", 4}, {"z", 12}}),
                ElementsAre("breaking DIFF-FIELD-MOVED struct point"));
}

TEST(Compare, TypesOnlyTheLibrarySeesWeighLess) {
    std::vector<std::pair<std::string, std::uint64_t>> moved{{"x", 8}, {"reserved", 4}, {"z", 12}};
    EXPECT_THAT(record_changes(false, 16, moved, "small.c"), ElementsAre("risky DIFF-FIELD-MOVED struct point"));
    EXPECT_THAT(record_changes(true, 16, moved, "small.c"), Contains("breaking DIFF-FIELD-MOVED struct point"));
    EXPECT_THAT(record_changes(false, 16, moved, "src/inner.h", {.symbols = {}, .headers = {"include/*"}}),
                ElementsAre("harmless DIFF-FIELD-MOVED struct point"));
    EXPECT_THAT(record_changes(false, 16, moved, "include/outer.h", {.symbols = {}, .headers = {"include/*"}}),
                ElementsAre("breaking DIFF-FIELD-MOVED struct point"));
}

TEST(Compare, ATypeThatIsOnlyDeclaredIsNoChangeBehindAPointerAndUnknownByValue) {
    SmallSurface old, now, by_value;
    old.function("draw", {old.pointer_to(old.record("point", 4, {{"x", old.integer(), 0}}))});
    now.function("draw", {now.pointer_to(now.declared("point"))});
    Comparison result = compare(old.surface, now.surface, {});
    EXPECT_TRUE(result.changes.empty());
    ASSERT_EQ(result.not_compared.size(), 1U);
    EXPECT_FALSE(result.not_compared[0].in_old);
    old = SmallSurface();
    old.function("draw", {old.record("point", 4, {{"x", old.integer(), 0}})});
    by_value.function("draw", {by_value.declared("point")});
    EXPECT_THAT(changes(old, by_value), Contains("unknown DIFF-DEBUG-INFORMATION-DAMAGED struct point"));
}

TEST(Compare, Parameters) {
    auto make = [](const std::vector<std::pair<abi::Scalar, std::uint64_t>>& scalars, std::optional<abi::Scalar> result = {}) {
        SmallSurface made;
        std::vector<abi::TypeId> types;
        types.reserve(scalars.size());
        for (auto [scalar, size] : scalars) types.push_back(made.scalar(scalar, size));
        std::optional<abi::TypeId> returned;
        if (result) returned = made.scalar(*result, 4);
        made.function("f", types, returned);
        return made;
    };
    using abi::Scalar;
    SmallSurface two = make({{Scalar::int_, 4}, {Scalar::long_, 8}});
    EXPECT_THAT(changes(two, make({{Scalar::unsigned_int, 4}, {Scalar::long_, 8}})), ElementsAre("risky DIFF-PARAMETER-RETYPED f"));
    EXPECT_THAT(changes(two, make({{Scalar::int_, 4}, {Scalar::double_, 8}})), ElementsAre("breaking DIFF-PARAMETER-TYPE-CHANGED f"));
    EXPECT_THAT(changes(two, make({{Scalar::int_, 4}, {Scalar::long_long, 8}})), ElementsAre("harmless DIFF-PARAMETER-RESPELLED f"));
    EXPECT_THAT(changes(two, make({{Scalar::int_, 4}})), ElementsAre("risky DIFF-LAST-PARAMETER-REMOVED f"));
    EXPECT_THAT(changes(two, make({{Scalar::long_, 8}})), Contains("breaking DIFF-PARAMETER-REMOVED f"));
    EXPECT_THAT(changes(make({{Scalar::int_, 4}}), two), ElementsAre("breaking DIFF-PARAMETER-ADDED f"));
    EXPECT_THAT(changes(two, make({{Scalar::int_, 4}, {Scalar::long_, 8}}, Scalar::int_)), ElementsAre("harmless DIFF-RESULT-ADDED f"));
    EXPECT_THAT(changes(make({}, Scalar::int_), make({})), ElementsAre("breaking DIFF-RESULT-TYPE-CHANGED f"));
}

TEST(Compare, FloatsOfOneSizeInAnotherFormat) {
    using abi::Scalar;
    auto make = [](Scalar scalar, std::uint64_t bytes, const char* arch) {
        SmallSurface made;
        made.surface.subject.arch = arch;
        made.function("f", {made.pointer_to(made.scalar(scalar, bytes))});
        return made;
    };
    auto kinds = [&](Scalar old, Scalar now, std::uint64_t bytes, const char* arch) {
        return changes(make(old, bytes, arch), make(now, bytes, arch));
    };
    EXPECT_THAT(kinds(Scalar::long_double, Scalar::float128, 16, "amd64"), ElementsAre("breaking DIFF-PARAMETER-TYPE-CHANGED f"));
    EXPECT_THAT(kinds(Scalar::half, Scalar::bfloat16, 2, "amd64"), ElementsAre("breaking DIFF-PARAMETER-TYPE-CHANGED f"));
    EXPECT_THAT(kinds(Scalar::long_double, Scalar::float128, 16, "arm64"), ElementsAre("harmless DIFF-PARAMETER-RESPELLED f"));
    EXPECT_THAT(kinds(Scalar::long_double, Scalar::double_, 8, "arm"), ElementsAre("harmless DIFF-PARAMETER-RESPELLED f"));
}

TEST(Compare, CharMayHaveNoSign) {
    auto make = [](bool without_sign) {
        SmallSurface made;
        abi::TypeId id = made.scalar(abi::Scalar::character, 1);
        made.surface.types.at(id).unsigned_character = without_sign;
        made.function("f", {made.pointer_to(id)});
        return made;
    };
    EXPECT_THAT(changes(make(true), make(true)), IsEmpty());
    EXPECT_THAT(changes(make(false), make(true)), ElementsAre("risky DIFF-PARAMETER-RETYPED f"));
}

TEST(Compare, TypesThatAreOnlyArgumentsOfTemplates) {
    auto make = [](std::uint64_t place) {
        SmallSurface made;
        abi::TypeId argument = made.record("P", 8, {{"a", made.integer(), place}, {"b", made.integer(), 4 - place}});
        abi::TypeId box = made.record("box<P>", 8, {{"p", made.pointer_to(abi::TypeId::none), 0, 8}});
        made.surface.types.record(box)->template_arguments = {argument};
        made.function("f", {made.pointer_to(box)});
        return made;
    };
    EXPECT_THAT(changes(make(0), make(0)), IsEmpty());
    EXPECT_THAT(changes(make(0), make(4)), testing::Each(testing::StrEq("breaking DIFF-FIELD-MOVED struct P")));
    EXPECT_FALSE(changes(make(0), make(4)).empty());
}

TEST(Compare, Enumerators) {
    auto make = [](std::vector<abi::Enumerator> enumerators) {
        SmallSurface made;
        made.function("f", {made.enumeration("e", std::move(enumerators))});
        return made;
    };
    SmallSurface old = make({{"A", 0}, {"B", 1}, {"E_MAX", 2}});
    EXPECT_THAT(changes(old, make({{"A", 0}, {"B", 1}, {"C", 2}, {"E_MAX", 3}})),
                UnorderedElementsAre("risky DIFF-ENUMERATOR-ADDED enum e", "risky DIFF-ENUMERATOR-COUNT-CHANGED enum e"));
    EXPECT_THAT(changes(old, make({{"A", 0}, {"B", 5}, {"E_MAX", 2}})), ElementsAre("breaking DIFF-ENUMERATOR-VALUE-CHANGED enum e"));
    EXPECT_THAT(changes(old, make({{"A", 0}, {"E_MAX", 2}})), ElementsAre("breaking DIFF-ENUMERATOR-REMOVED enum e"));
    EXPECT_THAT(changes(old, make({{"A", 0}, {"BEE", 1}, {"E_MAX", 2}})), ElementsAre("harmless DIFF-ENUMERATOR-RENAMED enum e"));
}

TEST(Compare, OnlySymbolsThatMatch) {
    SmallSurface old, now;
    old.symbol("api_gone").symbol("internal_gone");
    EXPECT_THAT(changes(old, now, {.symbols = {"api_*"}, .headers = {}}), ElementsAre("breaking DIFF-SYMBOL-REMOVED api_gone"));
}

TEST(Compare, TypesThatHoldThemselvesThroughPointersEnd) {
    SmallSurface one;
    abi::TypeId record = one.record("node", 8, {});
    abi::TypeId pointer = one.pointer_to(record);
    abi::Field next;
    next.name = "next";
    next.type = pointer;
    next.observed = {.size = 8, .alignment = {}, .bit_offset = 0};
    one.surface.types.record(record)->fields.push_back(next);
    one.function("walk", {pointer});
    EXPECT_THAT(changes(one, one), IsEmpty());
}

TEST(Suppressions, AreReadWithTheirLines) {
    auto read = read_suppressions(
        "suppressions:\n  - rule: DIFF-FIELD-*\n    type: point\n    owner: team\n    reason: agreed\n    expires: 2030-02-28\n", "s.yaml");
    ASSERT_TRUE(read) << read.error().describe();
    ASSERT_EQ(read->size(), 1U);
    EXPECT_EQ(read->front().line, 2U);
    EXPECT_EQ(to_string(read->front().expires), "2030-02-28");
}

TEST(Suppressions, RefuseWhatNobodyAnswersFor) {
    auto error = [](const std::string& entry) {
        auto read = read_suppressions("suppressions:\n" + entry, "s.yaml");
        return read ? std::string("accepted") : read.error().describe();
    };
    EXPECT_EQ(error("  - {rule: X, reason: r, expires: 2030-01-01}\n"),
              "s.yaml: line 2: the suppression has no owner: who answers for it?");
    EXPECT_EQ(error("  - {rule: X, owner: o, expires: 2030-01-01}\n"), "s.yaml: line 2: the suppression has no reason");
    EXPECT_EQ(error("  - {rule: X, owner: o, reason: r}\n"),
              "s.yaml: line 2: the suppression has no date on which it expires (expires: 2027-01-31)");
    EXPECT_EQ(error("  - {owner: o, reason: r, expires: 2030-01-01}\n"),
              "s.yaml: line 2: the suppression names no rule, symbol or type, and would hide everything");
    EXPECT_EQ(error("  - {rule: X, owner: o, reason: r, expires: 2030-02-30}\n"),
              "s.yaml: line 2: `2030-02-30` is no date like 2027-01-31");
    EXPECT_EQ(error("  - rule: X\n    ownr: o\n"),
              "s.yaml: line 3: `ownr` is not known; keys are rule, symbol, type, owner, reason, expires");
    EXPECT_THAT(error("  - {rule: [\n"), testing::StartsWith("s.yaml: line "));
    EXPECT_FALSE(read_suppressions("hello", "s.yaml"));
    EXPECT_FALSE(read_suppressions(std::string(100000, '['), "s.yaml"));
}

TEST(Suppressions, HideUntilTheirLastDay) {
    SmallSurface old, now;
    old.symbol("gone", "V1").symbol("other");
    old.surface.versions = now.surface.versions = {"V1"};
    auto changed = [&](std::chrono::year_month_day today) {
        auto known = read_suppressions("suppressions:\n  - {symbol: gone, owner: o, reason: r, expires: 2030-01-31}\n", "s.yaml");
        std::vector<Change> list = compare(old.surface, now.surface, {}).changes;
        apply_suppressions(*known, today, list);
        auto hidden = std::ranges::count_if(list, [](const Change& one) { return one.suppression.has_value(); });
        return std::pair(hidden, known->front().expired);
    };
    using namespace std::chrono;
    EXPECT_EQ(changed(2030y / January / 31), std::pair(std::ptrdiff_t{1}, false));
    EXPECT_EQ(changed(2030y / February / 1), std::pair(std::ptrdiff_t{0}, true));
}

}  // namespace
}  // namespace abiscope::diff
