#include <string>

#include "dwarf/builder.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

using abi::Declared;

namespace {

constexpr std::size_t most_name = 4096;   // of a parameter's type: enough to tell overloads apart

// Names of types as far as they tell one overload from another.
std::string describe(EntryReader& reader, EntryRef ref, int depth = 0) {
    Entry entry;
    if (!ref || depth > 16 || !reader.read(ref, entry)) return "void";
    if (entry.has(Slot::name)) return std::string(reader.name(entry).substr(0, most_name));
    auto inner = [&] { return describe(reader, reader.debug().reference(entry.unit(), entry.attributes, Slot::type), depth + 1); };
    switch (entry.tag) {
        case tag::pointer_type: return inner() + "*";
        case tag::reference_type: return inner() + "&";
        case tag::rvalue_reference_type: return inner() + "&&";
        case tag::const_type: return inner() + " const";
        case tag::volatile_type: return inner() + " volatile";
        case tag::array_type: return inner() + "[]";
        default: return inner();
    }
}

struct Signature {
    std::string parameters;
    std::size_t count = 0;        // without `this`
    std::uint16_t first_tag = 0;  // of the first parameter's type: a reference?
    std::string first_name;       // what it refers to, without const
    bool const_this = false;
};

Signature signature_of(EntryReader& reader, const Entry& function) {
    Signature signature;
    Entry type;
    reader.children(function, [&](const Entry& child) {
        if (child.tag == tag::unspecified_parameters) signature.parameters += signature.count == 0 ? "..." : ", ...";
        if (child.tag != tag::formal_parameter) return true;
        EntryRef ref = reader.debug().reference(child.unit(), child.attributes, Slot::type);
        if (child.flag(Slot::artificial)) {
            if (signature.count == 0 && signature.parameters.empty() && reader.read(ref, type)) {
                Entry pointee;
                if (type.tag == tag::const_type && reader.follow(type, Slot::type, pointee)) type = pointee;
                if (reader.follow(type, Slot::type, pointee)) signature.const_this = pointee.tag == tag::const_type;
            }
            return true;
        }
        std::string name = describe(reader, ref);
        if (signature.count++ == 0 && reader.read(ref, type)) {
            signature.first_tag = type.tag;
            Entry referred;
            if (reader.follow(type, Slot::type, referred)) {
                Entry bare;
                while (referred.tag == tag::const_type && reader.follow(referred, Slot::type, bare)) {
                    if (bare.ref == referred.ref) break;
                    referred = bare;
                }
                signature.first_name = std::string(reader.name(referred));
            }
        }
        signature.parameters += (signature.count > 1 ? ", " : "") + name;
        return true;
    });
    return signature;
}

Declared declared(const Entry& function) {
    if (function.flag(Slot::artificial)) return Declared::implicit;
    if (function.flag(Slot::deleted)) return Declared::deleted;
    // DW_DEFAULTED_in_class and DW_DEFAULTED_out_of_class; defaulted outside of its class a function is user-provided (C++ 9.5.2).
    if (function.number(Slot::defaulted) == 1) return Declared::defaulted;
    return Declared::user_provided;
}

}  // namespace

void read_member_function(EntryReader& reader, const Entry& function, std::string_view own_name, abi::Record& into) {
    std::string_view plain = own_name.substr(0, own_name.find('<'));
    std::string_view name = reader.name(function);
    bool destructor = name.starts_with('~');
    bool constructor = !plain.empty() && name.starts_with(plain) && (name.size() == plain.size() || name[plain.size()] == '<');
    bool assignment = name == "operator=";
    bool is_virtual = function.number(Slot::virtuality) != 0;
    if (!destructor && !constructor && !assignment && !is_virtual) return;
    Signature signature = signature_of(reader, function);
    bool same = signature.count == 1 &&
        (signature.first_name == own_name || signature.first_name.substr(0, signature.first_name.find('<')) == plain);
    bool lvalue = same && signature.first_tag == tag::reference_type;
    bool rvalue = same && signature.first_tag == tag::rvalue_reference_type;
    Declared how = declared(function);
    abi::SpecialMembers& special = into.special;
    if (destructor) {
        special.destructor = how;
    } else if (constructor && signature.count == 0) {
        special.default_constructor = how;
    } else if (constructor && lvalue) {
        special.copy_constructor = how;
    } else if (constructor && rvalue) {
        special.move_constructor = how;
    } else if (constructor) {
        special.other_constructor = special.other_constructor || how == Declared::user_provided;
    } else if (assignment && rvalue) {
        special.move_assignment = how;
    } else if (assignment && (lvalue || signature.first_tag != tag::reference_type) && (same || signature.parameters == own_name)) {
        special.copy_assignment = how;
    }
    if (!is_virtual) return;
    std::string text = destructor ? "~" : std::string(name) + "(" + signature.parameters + ")" + (signature.const_this ? " const" : "");
    into.virtual_functions.push_back(
        {.signature = std::move(text), .pure = function.number(Slot::virtuality) == 2, .linkage_name = {}, .slot = {}});
}

}  // namespace abiscope::dwarf
