#include "diff/type_names.h"

#include <string>

#include <gtest/gtest.h>

namespace abiscope::diff {
namespace {

TEST(TypeNames, OneSpellingOfWhatGccAndClangWrite) {
    auto same = [](const char* gcc, const char* clang) {
        EXPECT_EQ(one_spelling(gcc), one_spelling(clang));
        EXPECT_TRUE(same_type_name(gcc, clang)) << gcc << " and " << clang;
    };
    same("V<long unsigned int, A<long unsigned int> >", "V<unsigned long, A<unsigned long>>");
    same("M<int, A<pair<int const, n::s<char> > const> >", "M<int, A<const pair<const int, n::s<char>>>>");
    same("F<int(long int, char const*)>", "F<int (long, const char *)>");
    same("T<S*, D<S> >", "T<S *, D<S>>");
    same("B<8>::C<3>", "B<8UL>::C<3U>");
    same("B<signed char, short int, long long unsigned int, long double>", "B<signed char, short, unsigned long long, long double>");
    same("B<char const* const, int volatile&>", "B<const char *const, volatile int &>");
}

TEST(TypeNames, KeepApartWhatIsNotOneType) {
    for (auto [one, other] :
         {std::pair("V<long>", "V<int>"), std::pair("V<long>", "V<unsigned long>"), std::pair("V<signed char>", "V<char>"),
          std::pair("V<const T*>", "V<T *const>"), std::pair("V<A, B>", "V<B, A>"), std::pair("V<8>", "V<9>"),
          std::pair("V<A>::x", "V<A>::y"), std::pair("a", "b"), std::pair("W<A>", "V<A>")})
        EXPECT_FALSE(same_type_name(one, other)) << one << " and " << other;
}

TEST(TypeNames, WithoutArguments) {
    EXPECT_TRUE(same_type_name("n::V<int, A<int> >::node", "n::V::node"));
    EXPECT_FALSE(same_type_name("n::V<int, A<int> >::node", "n::V::edge"));
}

TEST(TypeNames, AnythingIsSpelled) {
    for (const char* text :
         {"", "<", ">", ">>", "<<<", ")", "a<", "::", "V<(", "V<)>", "8", "V<U>u", "(anonymous namespace)::V<{lambda(int)#1}>"})
        EXPECT_EQ(one_spelling(one_spelling(text)), one_spelling(text));
    std::string deep(100000, '<');
    EXPECT_EQ(one_spelling(deep).size(), deep.size());
}

}  // namespace
}  // namespace abiscope::diff
