#include "actors/document/formats/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <memory>
#include <vector>

#include "actors/document/formats/ascii.hpp"

namespace graphrag::document::formats {
namespace {

constexpr std::uint64_t ratio_floor = std::uint64_t{8} << 20; // small files may pack very well

std::string normal_name(std::string_view name) {
  auto normal = ascii_lower(name);
  std::replace(normal.begin(), normal.end(), '\\', '/');
  normal.erase(0, std::min(normal.find_first_not_of('/'), normal.size()));
  return normal;
}

using Reader = std::unique_ptr<archive, int (*)(archive*)>;

tl::unexpected<Error> refuse(Errc code, std::string detail) {
  return tl::unexpected(Error{code, std::move(detail)});
}

// What is left of the limits while members are unpacked.
struct Budget {
  const Limits& limits;
  std::uint64_t packed; // size of the archive itself
  std::uint64_t total = 0;

  Result<void> take(std::uint64_t bytes) {
    total += bytes;
    if (total > limits.max_archive_bytes)
      return refuse(Errc::archive_bomb,
                    "expands to more than " + std::to_string(limits.max_archive_bytes) + " bytes");
    if (total > ratio_floor && total / packed > limits.max_ratio)
      return refuse(Errc::archive_bomb,
                    "expands to more than " + std::to_string(limits.max_ratio) + " times its size");
    return {};
  }
};

Result<std::string> unpack(archive* reader, const std::string& name, Budget& budget) {
  std::string content;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const auto got = archive_read_data(reader, buffer.data(), buffer.size());
    if (got == 0) return content;
    if (got < 0) return refuse(Errc::corrupt, "damaged member " + name);
    const auto size = static_cast<std::size_t>(got);
    if (auto ok = budget.take(size); !ok) return tl::unexpected(ok.error());
    if (content.size() + size > budget.limits.max_part_bytes)
      return refuse(Errc::too_large, name + " has more than " +
                                         std::to_string(budget.limits.max_part_bytes) + " bytes");
    content.append(buffer.data(), size);
  }
}

} // namespace

Result<Archive> Archive::open(std::string_view bytes, const Limits& limits,
                              const std::function<bool(const std::string&)>& wanted) {
  const Reader reader(archive_read_new(), archive_read_free);
  archive_read_support_format_zip(reader.get());
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
    return refuse(Errc::corrupt, "not a readable zip archive");
  Archive result;
  Budget budget{limits, std::max<std::uint64_t>(bytes.size(), 1)};
  archive_entry* entry = nullptr;
  for (std::uint32_t count = 0;; ++count) {
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) break;
    if (status < ARCHIVE_WARN) {
      if (count == 0) return refuse(Errc::corrupt, "not a readable zip archive");
      return refuse(Errc::corrupt, "the zip archive is damaged or cut");
    }
    if (count >= limits.max_entries)
      return refuse(Errc::too_large,
                    "more than " + std::to_string(limits.max_entries) + " members");
    const char* raw = archive_entry_pathname_utf8(entry);
    if (raw == nullptr) raw = archive_entry_pathname(entry);
    if (raw == nullptr) continue;
    const auto name = normal_name(raw);
    const auto [member, is_new] = result.members_.try_emplace(name);
    if (!is_new || !wanted(name)) continue;
    if (archive_entry_is_data_encrypted(entry) != 0)
      return refuse(Errc::encrypted, "the zip archive needs a password");
    auto content = unpack(reader.get(), name, budget);
    if (!content) return tl::unexpected(content.error());
    member->second = std::move(*content);
  }
  return result;
}

const std::string* Archive::find(std::string_view name) const {
  const auto member = members_.find(normal_name(name));
  return member == members_.end() ? nullptr : &member->second;
}

bool Archive::has_prefix(std::string_view prefix) const {
  const auto member = members_.lower_bound(prefix);
  return member != members_.end() && member->first.starts_with(prefix);
}

std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == path.npos ? std::string_view{} : path.substr(0, slash + 1));
}

std::string join_path(std::string_view folder, std::string_view reference) {
  reference = reference.substr(0, reference.find_first_of("#?"));
  std::string decoded;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const int high = i + 2 < reference.size() ? hex_value(reference[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(reference[i + 2]);
    if (reference[i] == '%' && low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += reference[i];
    }
  }
  const std::string all = decoded.starts_with('/') ? decoded : std::string(folder) + decoded;
  std::vector<std::string_view> parts;
  for (std::string_view rest = all; !rest.empty();) {
    const auto end = std::min(rest.find('/'), rest.size());
    const auto part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part == ".." && !parts.empty())
      parts.pop_back();
    else if (!part.empty() && part != "." && part != "..")
      parts.push_back(part);
  }
  std::string path;
  for (const auto part : parts) {
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

} // namespace graphrag::document::formats
