// Where arguments travel, of calls with and without a symbol.
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diff/compare.h"
#include "support/small_surface.h"
#include "unit/diff/changes.h"

namespace abiscope::diff {
namespace {

using test::SmallSurface;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// A class of one int, with a copy constructor or without one.
abi::TypeId class_of(SmallSurface& into, bool copies) {
    abi::TypeId id = into.record("R", 4, {{"a", into.integer(), 0}});
    into.surface.types.at(id).language = abi::Language::cxx;
    if (copies) into.surface.types.record(id)->special.copy_constructor = abi::Declared::user_provided;
    return id;
}

abi::TypeId function_of(SmallSurface& into, const std::vector<abi::TypeId>& parameters) {
    return into.surface.types.add(abi::Type{.kind = abi::Kind::function, .language = abi::Language::cxx},
                                  abi::Function{.result = into.integer(), .parameters = parameters});
}

SmallSurface with_callback(bool copies) {
    SmallSurface out;
    out.function("f", {out.pointer_to(function_of(out, {class_of(out, copies)}))});
    return out;
}

TEST(Calls, AClassThatACallbackTakesTravelsElsewhere) {
    EXPECT_THAT(changes(with_callback(false), with_callback(false)), IsEmpty());
    EXPECT_THAT(changes(with_callback(false), with_callback(true)), ElementsAre("breaking DIFF-CALLED-ARGUMENT-MOVED f"));
}

TEST(Calls, WithoutAConventionNobodyCanTell) {
    SmallSurface old = with_callback(false), now = with_callback(true);
    old.surface.profile = now.surface.profile = "";
    EXPECT_THAT(changes(old, now), Contains("unknown DIFF-CALL-NOT-PLACED f"));
}

TEST(Calls, AClassThatAVirtualFunctionTakesTravelsElsewhere) {
    auto make = [](bool copies) {
        SmallSurface out;
        abi::TypeId table = out.record("V", 8, {});
        abi::TypeId type = function_of(out, {out.pointer_to(table), class_of(out, copies)});
        out.surface.types.record(table)->virtual_functions.push_back(
            {.signature = "v(R)", .linkage_name = "_ZN1V1vE1R", .slot = 0, .type = type});
        out.function("reg", {out.pointer_to(table)});
        return out;
    };
    SmallSurface old = make(false);
    EXPECT_THAT(changes(old, make(false)), IsEmpty());
    SmallSurface other = make(true);
    std::vector<Change> found = compare(old.surface, other.surface, {}).changes;
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].rule, finding::RuleId::DIFF_CALLED_ARGUMENT_MOVED);
    EXPECT_EQ(found[0].subject, "struct V");
    auto argument = std::ranges::find(found[0].arguments, "argument", &finding::NamedArgument::name);
    ASSERT_NE(argument, found[0].arguments.end());
    EXPECT_EQ(std::get<std::string>(argument->value), "parameter 1 of `virtual v(R)`");
}

TEST(Calls, APointerToAFunctionOfAnotherConvention) {
    auto make = [](std::optional<std::uint64_t> convention) {
        SmallSurface out;
        abi::TypeId function =
            out.surface.types.add(abi::Type{.kind = abi::Kind::function},
                                  abi::Function{.result = out.integer(), .parameters = {}, .calling_convention = convention});
        out.function("f", {out.pointer_to(function)});
        return out;
    };
    EXPECT_THAT(changes(make({}), make(1)), IsEmpty());
    EXPECT_THAT(changes(make({}), make(0xc1)), ElementsAre("breaking DIFF-PARAMETER-TYPE-CHANGED f"));
}

TEST(Calls, AClassAroundAValueTravelsAsTheValueOrElsewhere) {
    auto make = [](bool wrapped, bool copies, const char* profile) {
        SmallSurface out;
        out.surface.profile = profile;
        out.function("f", {wrapped ? class_of(out, copies) : out.integer()});
        out.surface.functions[0].language = abi::Language::cxx;
        return out;
    };
    const char* profile = "sysv-amd64/gcc-12";
    EXPECT_THAT(changes(make(false, false, profile), make(true, false, profile)), ElementsAre("risky DIFF-PARAMETER-RETYPED f"));
    EXPECT_THAT(changes(make(false, false, profile), make(true, true, profile)), ElementsAre("breaking DIFF-PARAMETER-TYPE-CHANGED f"));
    EXPECT_THAT(changes(make(false, false, ""), make(true, false, "")), ElementsAre("breaking DIFF-PARAMETER-TYPE-CHANGED f"));
}

TEST(Calls, AUnionOfPointersAndAPointer) {
    auto make = [](bool is_union) {
        SmallSurface out;
        abi::TypeId pointer = out.pointer_to(out.integer());
        abi::TypeId both = out.record("u", 8, {{"a", pointer, 0, 8}, {"b", out.pointer_to(out.scalar(abi::Scalar::float_, 4)), 0, 8}});
        out.surface.types.record(both)->kind = abi::RecordKind::union_;
        out.function("f", {is_union ? both : pointer});
        return out;
    };
    EXPECT_THAT(changes(make(true), make(false)), ElementsAre("risky DIFF-PARAMETER-RETYPED f"));
}

TEST(Calls, RoomForAnObjectAndTheObject) {
    auto make = [](bool room) {
        SmallSurface out;
        abi::Type bytes{.kind = abi::Kind::array, .target = out.scalar(abi::Scalar::unsigned_char, 1), .count = 8};
        bytes.observed.size = 8;
        abi::TypeId inner = room ? out.record("room", 8, {{"storage", out.surface.types.add(bytes), 0, 8}})
                                 : out.record("text", 8, {{"p", out.pointer_to(out.integer()), 0, 8}});
        out.function("f", {out.pointer_to(out.record("box", 8, {{"in", inner, 0, 8}}))});
        return out;
    };
    EXPECT_THAT(changes(make(true), make(true)), IsEmpty());
    EXPECT_THAT(changes(make(true), make(false)), ElementsAre("risky DIFF-FIELD-RETYPED struct box"));
}

TEST(Calls, ANullPointerIsAPointer) {
    SmallSurface old, now;
    old.function("f", {old.scalar(abi::Scalar::null_pointer, 8)});
    now.function("f", {now.pointer_to(now.integer())});
    EXPECT_THAT(changes(old, now), ElementsAre("risky DIFF-PARAMETER-RETYPED f"));
}

TEST(Calls, SwitchesOfCompilers) {
    auto make = [](const std::vector<std::string>& vectors, const std::string& switches) {
        SmallSurface out;
        abi::Type type{.kind = abi::Kind::vector, .target = out.scalar(abi::Scalar::float_, 4), .count = 8};
        type.observed.size = 32;
        out.function("f", {out.surface.types.add(type)});
        out.surface.functions[0].switches = vectors;
        out.surface.symbols[0].switches = switches;
        return out;
    };
    EXPECT_THAT(changes(make({}, {}), make({}, {})), IsEmpty());
    EXPECT_THAT(changes(make({"-mavx"}, "-mregparm=2"), make({"-mavx"}, "-mregparm=2")), IsEmpty());
    EXPECT_THAT(changes(make({}, {}), make({"-mavx"}, {})), ElementsAre("breaking DIFF-ARGUMENT-MOVED f"));
    EXPECT_THAT(changes(make({}, {}), make({}, "-mlong-double-128")), ElementsAre("unknown DIFF-CALL-NOT-PLACED f"));
}

TEST(Calls, WithoutAPrototypeAFloatIsPassedAsDouble) {
    auto make = [](bool prototyped, abi::Scalar scalar) {
        SmallSurface out;
        out.function("f", {out.integer(), out.scalar(scalar, 4)});
        out.surface.functions[0].prototyped = prototyped;
        return out;
    };
    using abi::Scalar;
    EXPECT_THAT(changes(make(false, Scalar::float_), make(true, Scalar::float_)), ElementsAre("breaking DIFF-PARAMETER-TYPE-CHANGED f"));
    EXPECT_THAT(changes(make(true, Scalar::float_), make(false, Scalar::float_)), ElementsAre("breaking DIFF-PARAMETER-TYPE-CHANGED f"));
    EXPECT_THAT(changes(make(false, Scalar::float_), make(false, Scalar::float_)), IsEmpty());
    EXPECT_THAT(changes(make(false, Scalar::int_), make(true, Scalar::int_)), IsEmpty());
}

}  // namespace
}  // namespace abiscope::diff
