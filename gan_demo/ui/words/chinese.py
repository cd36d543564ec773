"""The page in Simplified Chinese: the same keys, with the paper's English term where it helps to look things up."""

TEXTS = {
    "title": "没有人写过的数字",
    "tagline": "生成器（G）把一串随机数变成手写数字；判别器（D）学会了分辨它们与真迹。来看看两者如何工作。",
    # The model picker and its line of facts.
    "model": "模型",
    "recipe": "训练方案",
    "short mlp": "MLP",
    "short dcgan": "DCGAN",
    "short epochs": "{epochs} 轮",
    "short frechet": "Fréchet {distance:.1f}",
    "conditional": "可指定数字",
    "broken": "{name}（无法加载）",
    "architecture": "网络结构",
    "mlp": "全连接（MLP）",
    "dcgan": "卷积（DCGAN）",
    "objective": "目标函数",
    "training": "训练时长",
    "epochs": "{dataset}，{epochs} 轮",
    "epochs so far": "{dataset}，已训练 {done}/{epochs} 轮",
    "steps on": "{dataset}，{steps} 步",
    "unknown training": "未知",
    "frechet": "Fréchet 距离",
    "frechet of": "{distance:.1f}",
    "frechet beside": "{distance:.1f}（真实{noun}：{floor:.1f}）",
    "no frechet": "尚未测量",
    # Controls that several tabs have.
    "seed": "随机种子",
    "row": "行号",
    "digit": "数字",
    "dice": "随机换一个种子",
    # The legend of belief.
    "legend": "D 的判断：",
    "legend fake": "假",
    "legend unsure": "说不准",
    "legend real": "真",
    "why near half": "怎么看这个数",
    "no scale": "没有颜色：这个评分本身没有刻度，而且{why}",
    "formula": "D 与 G 的训练目标",
    # What D says, and where it ranks.
    "surely fake": "肯定是假的",
    "rather fake": "像是假的",
    "cannot tell": "说不准",
    "rather real": "像是真的",
    "surely real": "肯定是真的",
    "no number": "没有数值",
    "rank none": "无法与{group}比较",
    "rank below all": "比所有{group}都更假",
    "rank above all": "比所有{group}都更真",
    "rank below most": "比超过 99\u00a0% 的{group}更假",
    "rank above most": "比超过 99\u00a0% 的{group}更真",
    "rank more": "比 {share} 的{group}更真",
    # The corner with the language and the link, and what can be copied.
    "copy link": "复制链接",
    "copy link info": "链接会还原当前页面：模型、标签页和各项设置",
    "copy": "复制",
    "copied": "已复制",
    "not copied": "浏览器不允许复制，请手动复制",
    # The address of a picture.
    "address": "地址",
    "in python": "Python 代码",
    "as command": "命令行",
    # The shelf.
    "shelf": "收藏",
    "shelf empty": "还没有收藏。收藏的数字会保存在这个浏览器里。",
    "pin": "收藏",
    "pin it": "收藏 {address}",
    "use it": "使用 {address}",
    "unpin": "移除 {address}",
    "shelf full": "最多收藏 {most} 个数字，请先移除一个",
    "not here": "这里没有该模型",
    # Samples.
    "samples": "采样",
    "samples lede": (
        "每个数字都由一串随机数生成，即它的隐变量（latent）z。随机种子决定这些随机数：种子相同，"
        "在任何机器上得到的数字都相同。"
    ),
    "count": "数量",
    "truncation": "截断",
    "truncation info": "小于 1：更典型，但更单一",
    "taken for real": "{count} 个数字中，D 认为 {real} 个是真的",
    "above the middle": "{count} 个数字中，{real} 个的评分高于中间水平",
    "sample as": "种子 {seed} 的第 {row} 个数字，指定为 {digit}。D：{number}，{verdict}",
    "turn": "0–9 轮流",
    "ten": "每个隐变量画全十个数字",
    "latent": "隐变量 {row}",
    "sample": "种子 {seed} 的第 {row} 个数字。D：{number}，{verdict}",
    # Interpolate.
    "interpolate": "插值",
    "interpolate lede": (
        "在隐空间（latent space）中从一点等步走到另一点。中间的图像从未出现在训练数据里，却大多仍像数字。"
    ),
    "from": "起点种子",
    "to": "终点种子",
    "path": "路径",
    "spherical": "球面（slerp）",
    "linear": "直线（lerp）",
    "path info": "球面插值保持 z 的范数",
    "steps": "步数",
    "frame": "第 {step}/{steps} 步。D：{number}，{verdict}",
    "start": "种子 {seed}",
    "end": "种子 {seed}",
    # Discriminator.
    "discriminator": "判别器",
    "discriminator lede": ("给 D 看一个你自己的数字。它只见过真实数字和自家生成器画的数字，会告诉你：你的更像哪一种。"),
    "upload": "选择一张数字图片",
    "upload more": "也可以拖到这里，或直接粘贴",
    "upload kinds": "深色或浅色笔迹、照片、手绘均可",
    "examples": "或者让 D 判断",
    "example generated": "该生成器画的数字",
    "example printed": "印刷体数字",
    "example noise": "噪声",
    "source generated": "由 {model} 用种子 {seed} 生成",
    "source printed": "印刷体数字：D 只见过手写体",
    "source noise": "噪声：D 从未见过类似的东西",
    "source upload": "你的图片",
    "judge as": "当作哪个数字来判断",
    "best": "最像的数字",
    "fits best": "当作 {digit}（最像的数字）",
    "judged as": "当作 {digit}",
    "original": "你给的原图",
    "seen": "D 看到的：28×28 像素",
    "raw": "原始输出（{unit}）",
    "real group": "真实测试{noun}",
    "generated group": "生成{noun}",
    "digits": "数字",
    "pictures": "图片",
    "chart": "这个分数所处的位置",
    "chart of real": "真实测试{noun}",
    "chart of generated": "该生成器的作品",
    "no comparison": "暂时无法比较：{why}。",
    "in training": "该模型仍在训练，D 对真实数字的评分还在变化",
    "not measured": "该模型尚未评估。{measure}",
    "metrics damaged": "无法读取 metrics.json（{error}）。{measure}",
    "metrics of others": "metrics.json 对应的是另一份权重。{measure}",
    "measure": "评估方法：运行 python -m gan_demo.evaluation {folder}",
    # What went wrong.
    "oops": "没有成功",
    "unknown model": "没有名为 {name} 的模型，请从列表中选择",
    "not address": "{value} 不是地址：地址形如 dcgan:42:3，依次是模型、种子、行号",
    "link wrong": "链接有误：{why}",
    "not labels": "labels 应是一个数字，或 {count} 个数字的列表，而不是 {value} 个",
    "not conditional": "{model} 会画任意数字：只有条件模型才能指定数字",
    "not whole": "{name}应是 {low} 到 {high} 之间的整数，而不是 {value}",
    "not number": "{name}应是 {low:g} 到 {high:g} 之间的数，而不是 {value}",
    "not a number": "{value} 不是数",
    "link's value": "链接中的值",
    "not choice": "{name}应是 {choices} 之一，而不是 {value}",
    "not uploaded": "请直接上传图片：不会打开路径或网址",
    "blank": "这张图上什么也没画：请用浅底深色，或深底浅色的图片",
}

# What D's number means: `belief.MEANINGS`, by its keys.
MEANINGS = {
    "logit": {
        "name": "为真的概率",
        "unit": "logit",
        "explanation": "D 的原始输出是 logit。取 sigmoid 后，就是假设真假图片各占一半时，这张图片为真的概率。",
        "caution": (
            "生成器学得好，判别器就只能猜：当两类图片难以区分时，最优的 D 对每张图片都给出 50\u00a0%"
            "（Goodfellow et al. 2014，定理 1）。因此，与其看概率本身，不如看它在其他数字中的排名。"
        ),
    },
    "target": {
        "name": "回归值",
        "unit": "输出",
        "explanation": "D 按最小二乘训练：对真图输出 1，对生成的图输出 0。它不是概率，可以小于 0 或大于 1。",
        "caution": (
            "当真假图片难以区分时，最优的 D 一律给出 0.5（Mao et al. 2017，3.2 节）。因此，与其看数值本身，"
            "不如看它在其他数字中的排名。"
        ),
    },
    "margin": {
        "name": "间隔",
        "unit": "间隔",
        "explanation": (
            "D 用 hinge 损失训练：对真图输出 +1 以上，对生成的图输出 −1 以下。符号是结论，大小是间隔，并非概率。"
        ),
        "caution": "与其看数值本身，不如看它在其他数字中的排名。",
    },
    "critic": {
        "name": "评分（critic）",
        "unit": "分数",
        "explanation": (
            "这里的 D 是评论家（critic）：输出没有固定尺度，也没有零点，只有差值有意义，即一张图比另一张真多少。"
        ),
        "caution": "单看分数没有意义，所以颜色和措辞来自它在真实测试数字与该生成器数字中的排名。",
    },
    "relative": {
        "name": "相对评分",
        "unit": "分数",
        "explanation": "D 成对训练：两张图分数之差取 sigmoid，就是前一张为真图的概率。单独一张图的分数没有零点。",
        "caution": "单看分数没有意义，所以颜色和措辞来自它在真实测试数字与该生成器数字中的排名。",
    },
}

# Messages from below the page, where English is spoken: pattern -> what to say in its place.
ERRORS = {
    r".* is not a picture: .*": "这不是图片：请使用 PNG、JPEG、WebP、GIF、BMP 或 TIFF 文件",
    r".* is damaged.*(?:download it again|as PNG)": "图片已损坏或格式罕见：请重新保存为 PNG",
    r".* is too large \(.*": "图片太大：请先缩小",
    r".* is larger than (\d+) MB: make it smaller first": "图片超过 \\1 MB：请先缩小",
    r"(.*) is damaged or not safetensors .*": "\\1 已损坏，或不是 safetensors 文件",
}
