#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

#include "surface/baseline.h"
#include "surface/baseline_fields.h"
#include "surface/baseline_format.h"

namespace abiscope::surface {

namespace {

using namespace baseline_format;

constexpr int level = 9;   // of zstd

class Bytes {
public:
    void byte(std::uint64_t value) { bytes.push_back(static_cast<std::byte>(value)); }
    void uleb(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) byte((value & 0x7f) | 0x80);
        byte(value);
    }
    void text(std::string_view value) {
        std::size_t at = bytes.size();
        bytes.resize(at + value.size());
        if (!value.empty()) std::memcpy(bytes.data() + at, value.data(), value.size());
    }

    std::vector<std::byte> bytes;
};

class Writer {
public:
    template <typename... T>
    void operator()(T&... values) {
        (put(values), ...);
    }

    void put(bool value) { body.byte(value ? 1 : 0); }
    void put(std::string& value) {
        auto [found, fresh] = numbers_.try_emplace(value, numbers_.size());
        if (fresh) {
            texts.uleb(value.size());
            texts.text(value);
        }
        body.uleb(found->second);
    }
    void put(abi::TypeId id) { body.uleb(id == abi::TypeId::none ? 0 : static_cast<std::uint64_t>(id) + 1); }
    template <std::unsigned_integral T>
    void put(T value) {
        body.uleb(value);
    }
    template <std::signed_integral T>
    void put(T value) {
        auto bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
        body.uleb(bits << 1 ^ (value < 0 ? ~std::uint64_t{0} : 0));   // the sign in the lowest bit: small numbers are short
    }
    template <Enumerated T>
    void put(T value) {
        body.byte(static_cast<std::uint64_t>(value));
    }
    template <typename T>
    void put(std::optional<T>& value) {
        put(value.has_value());
        if (value) put(*value);
    }
    template <typename T>
    void put(std::vector<T>& values) {
        body.uleb(values.size());
        for (T& value : values) put(value);
    }
    template <typename T>
        requires std::is_class_v<T>
    void put(T& value) {
        fields(*this, value);
    }

    [[nodiscard]] std::size_t text_count() const { return numbers_.size(); }

    Bytes body, texts;

private:
    std::unordered_map<std::string, std::size_t> numbers_;
};

void put_types(Writer& writer, const abi::TypeTable& types) {
    writer.put(static_cast<std::uint64_t>(types.size()));
    for (std::size_t i = 0; i < types.size(); ++i) {
        auto id = static_cast<abi::TypeId>(i);
        abi::Type type = types.at(id);
        writer.put(type);
        if (const abi::Record* record = types.record(id)) {
            abi::Record copy = *record;
            writer.put(copy);
        } else if (const abi::Enumeration* enumeration = types.enumeration(id)) {
            abi::Enumeration copy = *enumeration;
            writer.put(copy);
        } else if (const abi::Function* function = types.function(id)) {
            abi::Function copy = *function;
            writer.put(copy);
        }
    }
}

}  // namespace

Result<std::vector<std::byte>> write_baseline(const Surface& surface) {
    Writer writer;
    Surface head{.subject = surface.subject,
                 .compared = surface.compared,
                 .soname = surface.soname,
                 .needed = surface.needed,
                 .undefined = surface.undefined,
                 .versions = surface.versions,
                 .variant = surface.variant,
                 .profile = surface.profile,
                 .symbols = surface.symbols,
                 .functions = surface.functions,
                 .alignments = surface.alignments,
                 .types = {},
                 .missing = surface.missing};
    writer.put(head);
    put_types(writer, surface.types);
    Bytes payload;
    payload.uleb(writer.text_count());
    payload.bytes.insert(payload.bytes.end(), writer.texts.bytes.begin(), writer.texts.bytes.end());
    payload.bytes.insert(payload.bytes.end(), writer.body.bytes.begin(), writer.body.bytes.end());
    return pack(packed, payload.bytes, level);
}

}  // namespace abiscope::surface
