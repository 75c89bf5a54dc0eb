// Records as debug information has them, without their unnamed bit-fields: what is inferred must be the truth, or nothing.
#include "abi/unnamed_bit_fields.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "abi/layout.h"
#include "abi/profile_catalogue.h"
#include "abi/recorded.h"
#include "support/type_text.h"

namespace abiscope::abi {
namespace {

constexpr const char* all_profiles[] = {"sysv-amd64/gcc-12", "sysv-amd64/clang-19", "win64-msvc",       "win64-mingw/gcc-12",
                                        "aapcs64/gcc-12",    "apple-arm64",         "sysv-i386/gcc-12", "lp64d-riscv64"};

// The records of a text as a program of `own` records them.
struct Program {
    explicit Program(const std::string& text, const char* own) : truth(text), own_profile(*find_profile(own)), recorded(truth.table) {
        for (const auto& [name, id] : truth.named) {
            Record* record = recorded.record(id);
            auto layout = lay_out(truth.table, id, own_profile);
            if (record == nullptr || !layout) continue;
            recorded.at(id).observed.size = layout->size;
            recorded.at(id).name = name;
            std::vector<Field> kept;
            for (std::uint32_t i = 0; i < record->fields.size(); ++i) {
                Field field = record->fields[i];
                if (field.name.empty() && field.bit_width) continue;
                for (const Placed& placed : layout->placed) {
                    if (placed.index == i) field.observed.bit_offset = placed.bit_offset;
                }
                field.observed.size = lay_out(truth.table, field.type, own_profile)->size;
                kept.push_back(field);
            }
            record->fields = std::move(kept);
        }
        infer_unnamed_bit_fields(recorded, own_profile);
    }

    [[nodiscard]] TypeId last() const { return truth.named.back().second; }

    test::TypeText truth;
    Profile own_profile;
    TypeTable recorded;
};

std::string shown(const Result<Layout>& layout) {
    if (!layout) return layout.error().code == ErrorCode::unsupported ? "cannot tell" : "error";
    std::string out = std::to_string(layout->size) + "/" + std::to_string(layout->alignment);
    for (const Placed& placed : layout->placed) out += " " + placed.name + "@" + std::to_string(placed.bit_offset);
    return out;
}

std::string under(const Program& program, const char* profile) {
    return shown(lay_out(program.recorded, program.last(), *find_profile(profile)));
}

TEST(UnnamedBitFields, ExplainWhatOnlyTheyExplain) {
    Program program("struct s c\nfield a int bits=3\nfield - int bits=5\nfield b int bits=4\nend", "sysv-amd64/gcc-12");
    EXPECT_EQ(under(program, "sysv-amd64/gcc-12"), "4/4 a@0 b@8");
    EXPECT_EQ(under(program, "apple-arm64"), "4/4 a@0 b@8");
    auto recorded = recorded_layout(program.recorded, program.last(), program.own_profile);
    ASSERT_TRUE(recorded);
    EXPECT_TRUE(recorded->computed);
    EXPECT_EQ(recorded->differs, "");
}

TEST(UnnamedBitFields, AreLeftOpenWhereTheirTypeDecides) {
    Program program("struct s c\nfield a int bits=3\nfield - int bits=5\nfield b int bits=4\nend", "sysv-amd64/gcc-12");
    // `char : 5` would begin a unit of its own there.
    EXPECT_EQ(under(program, "win64-msvc"), "cannot tell");
    // `long : 5` would align the record.
    EXPECT_EQ(under(program, "aapcs64/gcc-12"), "cannot tell");
    Program held("struct s c\nfield a int bits=3\nfield - int bits=5\nfield b int bits=4\nend\nstruct t c\nfield x char\nfield y s\nend",
                 "sysv-amd64/gcc-12");
    EXPECT_EQ(under(held, "win64-msvc"), "cannot tell");
    EXPECT_EQ(under(held, "apple-arm64"), "8/4 x@0 y@32");
}

TEST(UnnamedBitFields, AreNotInventedWhereSomethingElseIsUnknown) {
    Program program("struct s c\nfield a int\nfield b char bits=3\nend", "sysv-amd64/gcc-12");
    program.recorded.record(program.last())->fields[1].observed.bit_offset = 5 * 8 - 60;
    infer_unnamed_bit_fields(program.recorded, program.own_profile);
    auto recorded = recorded_layout(program.recorded, program.last(), program.own_profile);
    ASSERT_TRUE(recorded);
    EXPECT_NE(recorded->differs, "");
    // A gap between two members that are no bit-fields has other explanations.
    Program plain("struct s c\nfield a char\nfield b char\nfield c int bits=3\nend", "sysv-amd64/gcc-12");
    plain.recorded.record(plain.last())->fields[1].observed.bit_offset = 16;
    infer_unnamed_bit_fields(plain.recorded, plain.own_profile);
    EXPECT_TRUE(plain.recorded.record(plain.last())->other_readings.empty());
}

std::string random_record(std::mt19937& dice) {
    auto pick = [&](auto... choices) {
        const char* all[] = {choices...};
        return std::string(all[dice() % sizeof...(choices)]);
    };
    std::string out = "struct s c\n";
    constexpr unsigned most = 6;
    for (unsigned i = 0, count = 1 + dice() % most; i <= count; ++i) {
        std::string type = pick("char", "short", "int", "long", "llong", "uint", "uchar");
        unsigned bits = type.ends_with("char") ? 8 : type == "short" ? 16 : type.ends_with("int") ? 32 : 64;
        unsigned what = static_cast<unsigned>(dice() % 10);
        if (what < 4)
            out += "field f" + std::to_string(i) + " " + type + " bits=" + std::to_string(1 + dice() % std::min(bits, 32U)) + "\n";
        else if (what < 7) out += "field - " + type + " bits=" + std::to_string(dice() % (std::min(bits, 32U) + 1)) + "\n";
        else out += "field f" + std::to_string(i) + " " + type + "\n";
    }
    return out + "field z int bits=3\nend";
}

// Wherever an answer is given for another ABI, it is what the record would have been there. A bit-field that leaves no trace under the
// program's own ABI is beyond everybody's sight: those records are not looked at.
TEST(UnnamedBitFields, AreRightOrLeftOpen) {
    unsigned answered = 0, open = 0, found = 0;
    for (const char* own : {"sysv-amd64/gcc-12", "sysv-amd64/clang-19", "win64-mingw/gcc-12", "aapcs64/gcc-12"}) {
        std::mt19937 dice(20);
        for (int i = 0; i < 60; ++i) {
            std::string text = random_record(dice);
            Program program(text, own);
            const Record& record = *program.recorded.record(program.last());
            if (record.other_readings.empty()) continue;
            ++found;
            auto recorded = recorded_layout(program.recorded, program.last(), program.own_profile);
            ASSERT_TRUE(recorded) << text;
            EXPECT_EQ(recorded->differs, "") << own << "\n" << text;
            // As many as in the truth: then none of them left no trace.
            std::size_t written = 0, inferred = 0;
            for (const Field& field : program.truth.table.record(program.last())->fields) written += field.name.empty() ? 1 : 0;
            for (const Field& field : record.fields) inferred += field.name.empty() ? 1 : 0;
            if (written != inferred) continue;
            for (const char* profile : all_profiles) {
                std::string ours = under(program, profile);
                (ours == "cannot tell" ? open : answered) += 1;
                if (ours == "cannot tell") continue;
                EXPECT_EQ(ours, shown(lay_out(program.truth.table, program.last(), *find_profile(profile))))
                    << own << " -> " << profile << "\n"
                    << text;
            }
        }
    }
    EXPECT_GT(found, 50U);
    EXPECT_GT(answered, 50U);
    EXPECT_GT(open, 50U);
}

}  // namespace
}  // namespace abiscope::abi
