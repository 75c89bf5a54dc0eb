#include "clang_module/scalars.h"

namespace abiscope::clang_reader {

std::optional<abi::Scalar> scalar_of(const clang::BuiltinType& type) {
    switch (type.getKind()) {
        case clang::BuiltinType::Void: return abi::Scalar::void_;
        case clang::BuiltinType::Bool: return abi::Scalar::boolean;
        case clang::BuiltinType::Char_S:
        case clang::BuiltinType::Char_U: return abi::Scalar::character;
        case clang::BuiltinType::SChar: return abi::Scalar::signed_char;
        case clang::BuiltinType::UChar: return abi::Scalar::unsigned_char;
        case clang::BuiltinType::WChar_S:
        case clang::BuiltinType::WChar_U: return abi::Scalar::wide_character;
        case clang::BuiltinType::Char8: return abi::Scalar::char8;
        case clang::BuiltinType::Char16: return abi::Scalar::char16;
        case clang::BuiltinType::Char32: return abi::Scalar::char32;
        case clang::BuiltinType::Short: return abi::Scalar::short_;
        case clang::BuiltinType::UShort: return abi::Scalar::unsigned_short;
        case clang::BuiltinType::Int: return abi::Scalar::int_;
        case clang::BuiltinType::UInt: return abi::Scalar::unsigned_int;
        case clang::BuiltinType::Long: return abi::Scalar::long_;
        case clang::BuiltinType::ULong: return abi::Scalar::unsigned_long;
        case clang::BuiltinType::LongLong: return abi::Scalar::long_long;
        case clang::BuiltinType::ULongLong: return abi::Scalar::unsigned_long_long;
        case clang::BuiltinType::Int128: return abi::Scalar::int128;
        case clang::BuiltinType::UInt128: return abi::Scalar::unsigned_int128;
        case clang::BuiltinType::Half:
        case clang::BuiltinType::Float16: return abi::Scalar::half;
        case clang::BuiltinType::BFloat16: return abi::Scalar::bfloat16;
        case clang::BuiltinType::Float: return abi::Scalar::float_;
        case clang::BuiltinType::Double: return abi::Scalar::double_;
        case clang::BuiltinType::LongDouble: return abi::Scalar::long_double;
        case clang::BuiltinType::Float128: return abi::Scalar::float128;
        case clang::BuiltinType::NullPtr: return abi::Scalar::null_pointer;
        default: return std::nullopt;
    }
}

}  // namespace abiscope::clang_reader
